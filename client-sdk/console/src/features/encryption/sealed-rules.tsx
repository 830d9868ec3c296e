import type { SealedPolicy, SealedRoomView } from "@ymera/client";
import { useNavigate } from "@tanstack/react-router";
import { LogOut, RefreshCw } from "lucide-react";
import { type ReactNode, type SubmitEvent, useState } from "react";

import { act, messageOf } from "#/app/errors";
import { Button } from "#/ui/button";
import { Confirm } from "#/ui/dialog";
import { Fact, Facts } from "#/ui/facts";
import { SelectField, useSubmission } from "#/ui/form";
import { Panel } from "#/ui/panel";
import { toast } from "#/ui/toast";

import { useSealed } from "./use-sealed";
import { ADDER_CHOICES, HISTORY_CHOICES, RETENTION_CHOICES, rightsIn, rotationOf } from "./words";

/** What an encrypted room holds newcomers and keys to. */
export function SealedRules({ sealed }: { sealed: SealedRoomView }) {
  const engine = useSealed();
  const { changesRules } = rightsIn(sealed, null);
  const { busy, error, run } = useSubmission(async () => {
    await engine.rotate(sealed.id);
    toast("The room has a new key");
  });
  return (
    <Panel
      title="Rules and keys"
      note="Signed by a member and checked by every device. The server cannot change them."
    >
      {changesRules ? (
        <Form key={JSON.stringify(sealed.policy)} sealed={sealed} />
      ) : (
        <Shown policy={sealed.policy} />
      )}
      <div className="mt-4 flex flex-col gap-2 border-t pt-3">
        <Facts>
          <Fact name="Present key">Number {sealed.epoch}</Fact>
          <Fact name="A new one">{rotationOf(sealed.policy)}</Fact>
        </Facts>
        {error !== null && (
          <p role="alert" className="text-xs text-danger">
            {messageOf(error)}
          </p>
        )}
        <Button size="sm" className="self-start" busy={busy} onClick={run}>
          <RefreshCw aria-hidden className="size-3.5" /> Make a new key now
        </Button>
      </div>
    </Panel>
  );
}

function Shown({ policy }: { policy: SealedPolicy }) {
  return (
    <Facts>
      <Fact name="Newcomers read">{labelOf(HISTORY_CHOICES, policy.history)}</Fact>
      <Fact name="Who adds">{labelOf(ADDER_CHOICES, policy.whoAdd)}</Fact>
      <Fact name="Keys">{labelOf(RETENTION_CHOICES, policy.retention)}</Fact>
    </Facts>
  );
}

function labelOf<T extends string>(choices: readonly (readonly [T, string])[], value: T): string {
  return choices.find(([each]) => each === value)?.[1] ?? value;
}

function Form({ sealed }: { sealed: SealedRoomView }) {
  const engine = useSealed();
  const { policy } = sealed;
  const [history, setHistory] = useState(policy.history);
  const [whoAdd, setWhoAdd] = useState(policy.whoAdd);
  const [retention, setRetention] = useState(policy.retention);
  const changed = history !== policy.history || whoAdd !== policy.whoAdd || retention !== policy.retention;
  const [asking, setAsking] = useState(false);
  const { busy, error, run } = useSubmission(async () => {
    await engine.setPolicy(sealed.id, { history, whoAdd, retention });
    toast("Rules changed", { detail: "The room has a new key." });
  });
  const ephemeral = retention === "ephemeral";
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    if (ephemeral && policy.retention !== "ephemeral") setAsking(true);
    else run();
  };
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-3">
      {!ephemeral && (
        <SelectField label="Newcomers read" value={history} onChange={setHistory} choices={HISTORY_CHOICES} />
      )}
      <SelectField label="Who adds members" value={whoAdd} onChange={setWhoAdd} choices={ADDER_CHOICES} />
      <SelectField
        label="Keys"
        error={error ? messageOf(error) : null}
        value={retention}
        onChange={setRetention}
        choices={RETENTION_CHOICES}
      />
      {changed && (
        <Button type="submit" look="primary" size="sm" className="self-start" busy={busy}>
          Save
        </Button>
      )}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Delete keys after use?"
        description="What is said from now on cannot be read by newcomers or on new devices, and nobody can bring it back. What was said so far stays as it is."
        action="Make it ephemeral"
        onConfirm={run}
      />
    </form>
  );
}

interface LeavingProps {
  sealed: SealedRoomView;
  name: string;
  /** What else ends one's time with it. */
  children?: ReactNode;
}

/** The way out of an encrypted room. */
export function Leaving({ sealed, name, children }: LeavingProps) {
  const engine = useSealed();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const stays = whyStays(sealed);
  const leave = async () => {
    await engine.leave(sealed.id);
    await navigate({ to: sealed.form === "project" ? "/projects" : "/rooms" });
  };
  return (
    <div className="flex flex-wrap items-center gap-3 border-t pt-4">
      <Button size="sm" disabled={stays !== null} onClick={() => setAsking(true)}>
        <LogOut aria-hidden className="size-3.5" /> Leave…
      </Button>
      {children}
      {stays !== null && <p className="min-w-48 flex-1 text-xs text-ink-3">{stays}</p>}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Leave ${name}?`}
        description="Its other members make a new key, and you read nothing that comes after. Only one of them can add you again; no admin of the workspace can."
        action="Leave"
        onConfirm={() => act(leave(), "You could not leave")}
      />
    </div>
  );
}

/** Why one cannot leave: a room keeps an owner. */
function whyStays({ role, members }: SealedRoomView): string | null {
  if (role !== "owner" || members.filter((member) => member.role === "owner").length > 1) return null;
  if (members.length === 1)
    return "You are alone here, and a room keeps one owner. Once archived, it is out of the way.";
  return "You are the only owner, and a room keeps one: make another member an owner first.";
}
