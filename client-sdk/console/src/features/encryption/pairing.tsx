import type { PairingFlow, PairingStep } from "@ymera/client";
import { CircleAlert, ShieldCheck } from "lucide-react";
import { type ReactNode, useState } from "react";

import { useDirectory } from "#/app/client";
import { act, messageOf } from "#/app/errors";
import { Button } from "#/ui/button";
import { CopyField } from "#/ui/copy-field";
import { Dialog, DialogBody, DialogFooter } from "#/ui/dialog";
import { Spinner } from "#/ui/spinner";
import { useNow } from "#/ui/use-now";

import { halvesOf } from "./codes";
import { isOver, nextOf } from "./flows";
import { QrImage } from "./qr-image";
import { usePairings, useReadable } from "./use-sealed";

/** Over all pages: two devices that come together, whichever of them has begun. */
export function Pairing() {
  const pairings = usePairings();
  const [flow, setFlow] = useState<PairingFlow | null>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const next = nextOf(pairings, closed);
  // Stays in sight after it has ended, to say how.
  if (flow === null && next !== undefined) setFlow(next);
  if (flow === null) return null;
  const close = () => {
    setClosed(new Set([...closed, flow.id]));
    setFlow(null);
  };
  return <PairingDialog key={flow.id} flow={flow} onClose={close} />;
}

function PairingDialog({ flow, onClose }: { flow: PairingFlow; onClose: () => void }) {
  const step = useReadable(flow.state);
  const leave = () => {
    if (!isOver(step)) act(flow.cancel(), "It could not be called off");
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={leave}
      title={flow.purpose === "link" ? "Bring a device in" : "Verify each other"}
    >
      <Step flow={flow} step={step} onLeave={leave} />
    </Dialog>
  );
}

interface StepProps {
  flow: PairingFlow;
  step: PairingStep;
  onLeave: () => void;
}

function Step({ flow, step, onLeave }: StepProps) {
  switch (step.step) {
    case "offered":
      return <Offered step={step} onLeave={onLeave} />;
    case "asked":
      return <Asked flow={flow} onLeave={onLeave} />;
    case "waiting":
      return (
        <Frame action={<Button onClick={onLeave}>Cancel</Button>}>
          <p role="status" className="flex items-center gap-2 text-sm text-ink-2">
            <Spinner /> <Waiting flow={flow} />
          </p>
        </Frame>
      );
    case "compare":
      return <Compare flow={flow} digits={step.digits} onLeave={onLeave} />;
    case "done":
      return (
        <Frame action={<Finish onLeave={onLeave} />}>
          <p role="status" className="flex items-center gap-2 text-sm font-medium text-good">
            <ShieldCheck aria-hidden className="size-4 shrink-0" /> <Outcome flow={flow} />
          </p>
        </Frame>
      );
    case "failed":
      return (
        <Frame action={<Finish onLeave={onLeave} />}>
          <p role="alert" className="flex items-start gap-2 text-sm text-danger">
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" /> {messageOf(step.error)}
          </p>
        </Frame>
      );
  }
}

function Frame({ children, action }: { children: ReactNode; action: ReactNode }) {
  return (
    <>
      <DialogBody>{children}</DialogBody>
      <DialogFooter>{action}</DialogFooter>
    </>
  );
}

function Finish({ onLeave }: { onLeave: () => void }) {
  return (
    <Button look="primary" onClick={onLeave}>
      Done
    </Button>
  );
}

function Waiting({ flow }: { flow: PairingFlow }) {
  const { nameOf } = useDirectory();
  if (flow.purpose === "link") return "Waiting for your other device. Say yes there.";
  return `Waiting for ${nameOf(flow.memberId)}, who is asked now.`;
}

function Outcome({ flow }: { flow: PairingFlow }) {
  const { nameOf } = useDirectory();
  if (flow.purpose === "link") return "The device is in.";
  const name = nameOf(flow.memberId);
  return `You have verified ${name}. ${name} has verified you on saying the same.`;
}

function Offered({
  step,
  onLeave,
}: Pick<StepProps, "onLeave"> & { step: PairingStep & { step: "offered" } }) {
  const seconds = Math.max(0, Math.ceil((step.expiresAt - useNow(true)) / 1_000));
  return (
    <Frame action={<Button onClick={onLeave}>Cancel</Button>}>
      <p className="text-sm text-ink-2">
        On a device that you already use: Settings, Encryption, Add a device. Then hold its camera here.
      </p>
      <QrImage text={step.qr} label="The code of this device, for the camera of your other one" />
      <p className="text-center text-xs text-ink-3 tabular">
        {seconds > 0
          ? `Works once, for ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} more`
          : "This code is over. Close this and begin again."}
      </p>
      <CopyField
        label="Without a camera"
        value={step.qr}
        note="Paste it on the other device. Whoever has it in these minutes and your account gets in, so send it to nobody."
      />
    </Frame>
  );
}

function Asked({ flow, onLeave }: Pick<StepProps, "flow" | "onLeave">) {
  const { nameOf } = useDirectory();
  return (
    <Frame
      action={
        <>
          <Button onClick={onLeave}>Not now</Button>
          <Button look="primary" onClick={() => act(flow.confirm(), "It could not go on")}>
            Go on
          </Button>
        </>
      }
    >
      <p className="text-sm text-ink-2">
        {flow.purpose === "link"
          ? "A new device asks to be let into your encrypted rooms. Go on only if you have just asked for it on a device that is in front of you."
          : `${nameOf(flow.memberId)} would like to compare eight digits with you. Go on when you can talk to each other: in person, or in a call.`}
      </p>
    </Frame>
  );
}

function Compare({ flow, digits, onLeave }: Pick<StepProps, "flow" | "onLeave"> & { digits: string }) {
  const { nameOf } = useDirectory();
  const [said, setSaid] = useState(false);
  const confirm = () => {
    setSaid(true);
    act(flow.confirm(), "It could not be confirmed");
  };
  return (
    <Frame
      action={
        <>
          {said ? (
            <Button onClick={onLeave}>Cancel</Button>
          ) : (
            <Button onClick={() => act(flow.differ(), "It could not be said")}>They differ</Button>
          )}
          <Button look="primary" busy={said} onClick={confirm}>
            They are the same
          </Button>
        </>
      }
    >
      <p className="text-sm text-ink-2">
        {flow.purpose === "link"
          ? "Your other device shows eight digits too. Look at both."
          : `Read them to ${nameOf(flow.memberId)}, who sees eight digits too.`}
      </p>
      <Digits digits={digits} />
      <p role="status" className="text-xs text-ink-3">
        {said
          ? "Waiting until the other side says so too. If they differ there, cancel."
          : "Both have to say yes. If they differ, somebody stands between you: say so, and do not go on."}
      </p>
    </Frame>
  );
}

function Digits({ digits }: { digits: string }) {
  const [one, two] = halvesOf(digits);
  return (
    <p
      data-digits={digits}
      className="flex justify-center gap-5 rounded-lg border bg-sunken py-4 font-mono text-2xl font-semibold tracking-[0.2em] tabular"
    >
      <span>{one}</span>
      <span>{two}</span>
    </p>
  );
}
