import type { WaitingRun } from "@ymera/client";

import { RunRow } from "#/features/runs/run-row";
import { needsSomebody, WAIT_REASON_NAMES } from "#/features/runs/states";
import { Chip } from "#/ui/chip";
import { momentOf } from "#/ui/dates";

interface Props {
  waiting: WaitingRun;
  nameOf: (id: string | null | undefined) => string;
}

/** A run that waits, with the reason in words. */
export function WaitingRow({ waiting: { run, reason, note, until }, nameOf }: Props) {
  return (
    <RunRow
      run={run}
      nameOf={nameOf}
      note={
        <span className="text-ink-2">
          {note}
          {until && ` Until ${momentOf(until)}.`}
        </span>
      }
      standing={<Chip tone={needsSomebody(reason) ? "warn" : "plain"}>{WAIT_REASON_NAMES[reason]}</Chip>}
    />
  );
}
