import { KeyRound, LockKeyhole, QrCode, RotateCcw, ShieldOff } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";

import { useIsOnline } from "#/app/client";
import { messageOf } from "#/app/errors";
import { Button } from "#/ui/button";
import { Dialog } from "#/ui/dialog";
import { DialogForm, TextField, useSubmission } from "#/ui/form";
import { Empty, OfflineEmpty, Skeleton } from "#/ui/states";
import { toast } from "#/ui/toast";

import { RecoverForm } from "./recover-form";
import { KeepCode } from "./recovery-code";
import { useSealed, useSealedStatus } from "./use-sealed";

interface SetupProps {
  /** Stands around a step. */
  frame?: (step: ReactNode) => ReactNode;
  children?: ReactNode;
}

/**
 * What must be done before this device reads encrypted rooms, and after that `children`: make keys, bring the
 * device in, or wait. A code that was just made stays in sight until it was kept or put off.
 */
export function Setup({ frame = (step) => step, children }: SetupProps) {
  const { state, codeKept } = useSealedStatus();
  const [making, setMaking] = useState(false);
  const [code, setCode] = useState<string | null>(null);
  // It was confirmed, here or elsewhere: nobody may see it any more.
  if (code !== null && codeKept) setCode(null);
  // Keys are there a moment before their code: nothing else shall flash up between.
  const begin = async (make: () => Promise<string>) => {
    setMaking(true);
    try {
      setCode(await make());
    } finally {
      setMaking(false);
    }
  };
  if (code !== null) return frame(<NewCode code={code} onDone={() => setCode(null)} />);
  if (state === "ready" && !making) return children;
  return frame(<Step begin={begin} />);
}

/** A code that was just made. The button that made it is gone: keyboards and screen readers go on at the heading. */
function NewCode({ code, onDone }: { code: string; onDone: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="flex flex-col gap-2">
      <h3
        ref={heading}
        tabIndex={-1}
        className="flex items-center gap-2 text-base font-semibold focus-visible:outline-none"
      >
        <KeyRound aria-hidden className="size-4 text-accent" /> Your recovery code
      </h3>
      <KeepCode code={code} onDone={onDone} onLater={onDone} />
    </div>
  );
}

/** Has an identity made, and its code shown. */
type Beginning = (make: () => Promise<string>) => Promise<void>;

function Step({ begin }: { begin: Beginning }) {
  const { state, revoked } = useSealedStatus();
  const online = useIsOnline();
  if (state === "none") return <Begin begin={begin} />;
  if (state === "elsewhere") return <JoinDevice revoked={revoked} begin={begin} />;
  if (state === "off")
    return (
      <Empty icon={ShieldOff} title="Encryption is not available here">
        This browser keeps no keys for this page, as in some private windows. Open it in an ordinary window.
      </Empty>
    );
  return online ? <Opening /> : <OfflineEmpty />;
}

function Opening() {
  return (
    <div role="status" aria-label="Opening your keys" className="flex flex-col gap-3 py-2">
      <Skeleton className="h-4 w-2/3" />
      <Skeleton className="h-4 w-1/2" />
    </div>
  );
}

function Begin({ begin }: { begin: Beginning }) {
  const sealed = useSealed();
  const { busy, error, onSubmit } = useSubmission(() => begin(() => sealed.begin()));
  return (
    <form onSubmit={onSubmit} className="flex flex-col items-start gap-3">
      <h3 className="flex items-center gap-2 text-base font-semibold">
        <LockKeyhole aria-hidden className="size-4 text-accent" /> Make your keys first
      </h3>
      <p className="text-sm text-ink-2">
        Encrypted rooms are read with keys that never leave your devices. They are made once, in a moment, and
        you get a recovery code for the day when a device is lost.
      </p>
      <Refusal error={error} />
      <Button type="submit" look="primary" busy={busy}>
        Make my keys
      </Button>
    </form>
  );
}

function Refusal({ error }: { error: unknown }) {
  if (!error) return null;
  return (
    <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-sm text-danger">
      {messageOf(error)}
    </p>
  );
}

/** A device that is not in the member's identity: three ways in, and one for who has lost them all. */
function JoinDevice({ revoked, begin }: { revoked: boolean; begin: Beginning }) {
  const [asking, setAsking] = useState<"code" | "anew" | null>(null);
  return (
    <div className="flex flex-col gap-4">
      <div>
        <h3 className="flex items-center gap-2 text-base font-semibold">
          <KeyRound aria-hidden className="size-4 text-accent" />
          {revoked ? "This device was put out" : "Bring this device in"}
        </h3>
        <p className="mt-1 text-sm text-ink-2">
          {revoked
            ? "Another device of yours, or your recovery code, has put it out: it reads nothing new. If that was not you, change your password. To use it again, bring it in as a new device."
            : "You have keys already, on another device. This one needs to be let in before it can read encrypted rooms."}
        </p>
      </div>
      <ul className="flex flex-col gap-2">
        <LinkWay
          icon={<QrCode aria-hidden />}
          title="Scan with another device"
          note="Shows a code here. On the other device: Settings, Encryption, Add a device."
          by="qr"
        />
        <LinkWay
          icon={<span className="font-mono text-2xs font-semibold">123</span>}
          title="Compare eight digits"
          note="Where there is no camera: your other devices ask, and both show the same digits."
          by="digits"
        />
        <Way
          icon={<KeyRound aria-hidden />}
          title="Type the recovery code"
          note="When no other device is at hand."
          onChoose={() => setAsking("code")}
        />
      </ul>
      <p className="text-xs text-ink-3">
        Neither a device nor the code?{" "}
        <button type="button" onClick={() => setAsking("anew")} className="link">
          Begin anew
        </button>
      </p>
      <Dialog
        open={asking === "code"}
        onOpenChange={() => setAsking(null)}
        title="Type the recovery code"
        description="The 32 characters that you were shown when your keys were made."
      >
        <RecoverForm
          action="Bring this device in"
          onDone={() => {
            toast("This device is in", {
              detail: "If another one was lost, put it out in Settings, Encryption.",
            });
            setAsking(null);
          }}
          onCancel={() => setAsking(null)}
        />
      </Dialog>
      <Dialog open={asking === "anew"} onOpenChange={() => setAsking(null)} title="Begin anew?">
        <AnewForm begin={begin} done={() => setAsking(null)} />
      </Dialog>
    </div>
  );
}

interface WayProps {
  icon: ReactNode;
  title: string;
  note: string;
}

function Way({
  icon,
  title,
  note,
  busy = false,
  onChoose,
}: WayProps & { busy?: boolean; onChoose: () => void }) {
  return (
    <li>
      <button
        type="button"
        onClick={onChoose}
        aria-busy={busy}
        className="flex w-full items-center gap-3 rounded-lg border bg-raised px-3.5 py-2.5 text-left shadow-card hover:bg-hover aria-busy:opacity-60"
      >
        <span className="flex size-8 shrink-0 items-center justify-center rounded-md bg-accent-soft text-accent [&>svg]:size-4">
          {icon}
        </span>
        <span className="min-w-0">
          <span className="block font-medium">{title}</span>
          <span className="block text-xs text-ink-3">{note}</span>
        </span>
      </button>
    </li>
  );
}

/** Begins a pairing; its steps are shown by the dialog that stands over all pages. */
function LinkWay({ by, ...way }: WayProps & { by: "qr" | "digits" }) {
  const sealed = useSealed();
  const { busy, error, run } = useSubmission(() => (by === "qr" ? sealed.linkByQr() : sealed.linkByDigits()));
  return (
    <>
      <Way {...way} busy={busy} onChoose={run} />
      {error !== null && (
        <li>
          <Refusal error={error} />
        </li>
      )}
    </>
  );
}

const ANEW = "begin anew";

function AnewForm({ begin, done }: { begin: Beginning; done: () => void }) {
  const sealed = useSealed();
  const [typed, setTyped] = useState("");
  const { busy, error, onSubmit } = useSubmission(async () => {
    await begin(() => sealed.beginAnew());
    done();
  });
  return (
    <DialogForm
      action="Begin anew"
      busy={busy}
      disabled={typed.trim().toLowerCase() !== ANEW}
      onSubmit={onSubmit}
      onCancel={done}
    >
      <div className="flex gap-3 text-sm text-ink-2">
        <RotateCcw aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
        <ul className="flex list-disc flex-col gap-1.5 pl-4">
          <li>Whatever was encrypted for you so far stays unreadable for you.</li>
          <li>You fall out of your encrypted rooms. A member of each has to add you again.</li>
          <li>The others see that your keys have changed, and should compare a number with you once more.</li>
          <li>Your old keys are given up for good, also if the code turns up again.</li>
        </ul>
      </div>
      <TextField
        label={`Type “${ANEW}” to go on`}
        error={error ? messageOf(error) : null}
        value={typed}
        onChange={setTyped}
        maxLength={20}
        autoComplete="off"
      />
    </DialogForm>
  );
}
