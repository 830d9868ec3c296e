import { isYmeraError, type Trust } from "@ymera/client";
import { useQuery } from "@tanstack/react-query";
import { ShieldAlert } from "lucide-react";
import { useState } from "react";

import { messageOf } from "#/app/errors";
import { Button } from "#/ui/button";
import { Dialog, DialogBody, DialogFooter } from "#/ui/dialog";
import { useSubmission } from "#/ui/form";
import { Skeleton } from "#/ui/states";
import { Segments } from "#/ui/tabs";
import { toast } from "#/ui/toast";

import { rowsOf } from "./codes";
import { useSealed } from "./use-sealed";

export interface Verified {
  memberId: string;
  name: string;
  trust: Trust;
}

/** Makes sure that somebody's keys are theirs: by a number that both see, or by digits that both see now. */
export function VerifyDialog({ person, onClose }: { person: Verified | null; onClose: () => void }) {
  return (
    <Dialog
      open={person !== null}
      onOpenChange={onClose}
      title={`Verify ${person?.name ?? ""}`}
      description="Compare in person, or in a call where you know the voice. Not by messages here."
    >
      {person && <Ways key={person.memberId} person={person} onClose={onClose} />}
    </Dialog>
  );
}

type Way = "number" | "digits";

function Ways({ person, onClose }: { person: Verified; onClose: () => void }) {
  const [way, setWay] = useState<Way>("number");
  return (
    <>
      <DialogBody>
        {person.trust === "changed" && <Changed name={person.name} />}
        <Segments<Way>
          label="How"
          value={way}
          onChange={setWay}
          choices={[
            { value: "number", label: "Safety number" },
            { value: "digits", label: "Eight digits, live" },
          ]}
        />
        {way === "number" ? <SafetyNumber person={person} /> : <Explained name={person.name} />}
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>Cancel</Button>
        {way === "number" ? (
          <SameNumber person={person} onDone={onClose} />
        ) : (
          <BeginDigits person={person} onBegun={onClose} />
        )}
      </DialogFooter>
    </>
  );
}

function Changed({ name }: { name: string }) {
  return (
    <p role="alert" className="flex gap-2 rounded-md bg-danger-soft px-3 py-2 text-sm text-danger">
      <ShieldAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span>
        {name} has other keys than those you knew. That happens when somebody begins anew, and also when
        somebody else is slipped in. Ask {name} first, by another way than this one.
      </span>
    </p>
  );
}

/** The number to compare; asked for each time, since what was shown before may be of other keys. */
function useSafetyNumber({ memberId }: Verified) {
  const sealed = useSealed();
  return useQuery({
    queryKey: ["safety-number", memberId],
    gcTime: 0,
    staleTime: Infinity,
    queryFn: () => sealed.safetyNumber(memberId),
  });
}

function SafetyNumber({ person }: { person: Verified }) {
  const number = useSafetyNumber(person);
  if (number.isError)
    return (
      <p role="alert" className="text-sm text-danger">
        {messageOf(number.error)}
      </p>
    );
  if (number.isPending) return <Skeleton className="h-28" />;
  return (
    <>
      <div
        data-safety-number={number.data}
        className="grid grid-cols-4 gap-y-1.5 rounded-lg border bg-sunken py-3 text-center font-mono text-base tabular select-all"
      >
        {rowsOf(number.data).flatMap((row, index) =>
          row.map((group, at) => <span key={`${index} ${at}`}>{group}</span>),
        )}
      </div>
      <p className="text-xs text-ink-3">
        {person.name} finds the same sixty digits under your name, at any time. Say that they are the same
        only if you have compared all of them.
      </p>
    </>
  );
}

function SameNumber({ person, onDone }: { person: Verified; onDone: () => void }) {
  const sealed = useSealed();
  const { isSuccess: shown, refetch } = useSafetyNumber(person);
  const { busy, error, run } = useSubmission(async () => {
    try {
      await sealed.verify(person.memberId);
    } catch (failure) {
      // Whoever showed it is gone, as with another tab that was closed: it is to be compared once more.
      if (isYmeraError(failure, "conflict")) await refetch();
      throw failure;
    }
    toast(`${person.name} is verified`);
    onDone();
  });
  return (
    <>
      {error !== null && <span className="text-xs text-danger">{messageOf(error)}</span>}
      <Button look="primary" busy={busy} disabled={!shown} onClick={run}>
        They are the same
      </Button>
    </>
  );
}

function Explained({ name }: { name: string }) {
  return (
    <p className="text-sm text-ink-2">
      {name} is asked to join in, wherever they are signed in. Then both of you see eight digits, and read
      them to each other.
    </p>
  );
}

/** Asks the other side; from then on the dialog over all pages shows how it goes. */
function BeginDigits({ person, onBegun }: { person: Verified; onBegun: () => void }) {
  const sealed = useSealed();
  const { busy, error, run } = useSubmission(async () => {
    await sealed.verifyByDigits(person.memberId);
    onBegun();
  });
  return (
    <>
      {error !== null && <span className="text-xs text-danger">{messageOf(error)}</span>}
      <Button look="primary" busy={busy} onClick={run}>
        Ask {person.name}
      </Button>
    </>
  );
}
