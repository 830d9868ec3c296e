import type { SealedMember, SealedRoomView } from "@ymera/client";
import { OctagonAlert, ShieldAlert } from "lucide-react";
import { useState } from "react";

import { act, messageOf } from "#/app/errors";
import { Button } from "#/ui/button";
import { useSubmission } from "#/ui/form";
import { Meter } from "#/ui/meter";

import { saveText } from "./save-text";
import { useNameOf, useSealed } from "./use-sealed";
import { type Verified, VerifyDialog } from "./verify-dialog";

/** Over an encrypted room: that it stands still, that somebody's keys have changed, how far it is verified. */
export function RoomBar({ sealed }: { sealed: SealedRoomView }) {
  const changed = sealed.members.filter(({ trust }) => trust === "changed");
  return (
    <>
      {sealed.halted && <Halted sealed={sealed} />}
      {changed.length > 0 && <Changed members={changed} />}
      {!sealed.halted && <Progress sealed={sealed} />}
    </>
  );
}

function Halted({ sealed }: { sealed: SealedRoomView }) {
  const engine = useSealed();
  const { busy, error, run } = useSubmission(() => engine.retry(sealed.id));
  const save = async () => {
    const evidence = await engine.evidence(sealed.id);
    if (evidence !== null) saveText(`evidence-${sealed.id}.json`, evidence, "application/json");
  };
  return (
    <section
      role="alert"
      aria-label="This room stands still"
      className="flex flex-wrap items-start gap-x-3 gap-y-2 border-b border-danger/40 bg-danger-soft px-4 py-2.5 text-sm"
    >
      <OctagonAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
      <div className="min-w-64 flex-1">
        <h2 className="font-semibold text-danger">This room stands still</h2>
        <p className="text-ink-2">
          The server has sent something that no honest server sends: {sealed.halted?.message}. Nothing after
          it is shown or written.{" "}
          <span className="font-mono text-2xs text-ink-3">
            {sealed.halted?.fault}, at {sealed.halted?.seq}
          </span>
        </p>
        <p className="mt-0.5 text-ink-2">
          Try again once: if it was a slip on the way, the room goes on. If not, save the evidence and show it
          to somebody who can judge it.
        </p>
        {error !== null && <p className="text-danger">{messageOf(error)}</p>}
      </div>
      <div className="flex gap-2">
        <Button size="sm" busy={busy} onClick={run}>
          Try again
        </Button>
        <Button size="sm" onClick={() => act(save(), "The evidence could not be saved")}>
          Save the evidence
        </Button>
      </div>
    </section>
  );
}

function Changed({ members }: { members: readonly SealedMember[] }) {
  const nameOf = useNameOf();
  const [verifying, setVerifying] = useState<Verified | null>(null);
  return (
    <ul aria-label="Changed keys" className="border-b bg-danger-soft text-xs">
      {members.map(({ fp, memberId, trust }) => (
        <li key={fp} className="flex flex-wrap items-center gap-2.5 px-4 py-1.5">
          <ShieldAlert aria-hidden className="size-3.5 shrink-0 text-danger" />
          <p className="min-w-0 flex-1">
            <span className="font-medium text-danger">{nameOf(memberId)} has other keys than before.</span>{" "}
            They may have begun anew, or somebody else may be slipped in. Compare a number with them. If this
            entry is of their old keys, remove it and add them again.
          </p>
          {memberId !== null && (
            <Button size="sm" onClick={() => setVerifying({ memberId, name: nameOf(memberId), trust })}>
              Verify…
            </Button>
          )}
        </li>
      ))}
      <VerifyDialog person={verifying} onClose={() => setVerifying(null)} />
    </ul>
  );
}

/** Fewer than these are verified before anybody could read that they are. */
const WORTH_SAYING = 200;

function Progress({ sealed }: { sealed: SealedRoomView }) {
  const { applied, head } = sealed.progress;
  const [from] = useState(applied);
  if (head - from < WORTH_SAYING || applied >= head) return null;
  const words = `${applied.toLocaleString()} of ${head.toLocaleString()}`;
  return (
    <div role="status" className="flex items-center gap-3 border-b px-4 py-1.5 text-xs text-ink-2">
      <span>Verifying what was said: {words}</span>
      <div className="w-40">
        <Meter label="Verified" share={applied / head} words={words} />
      </div>
    </div>
  );
}
