import type { Fault } from "@ymera/client";

import { countOf } from "#/ui/amounts";
import { agoOf, momentOf } from "#/ui/dates";
import { Panel } from "#/ui/panel";

/** What an agent was refused: what it does wrong, in plain sight. */
export function Faults({ faults }: { faults: readonly Fault[] }) {
  return (
    <Panel title="What it was refused" note="What it did that is not allowed, or made no sense.">
      {faults.length === 0 && <p className="text-ink-3">Nothing.</p>}
      <ul className="-my-2 empty:hidden">
        {faults.map((fault) => (
          <li key={`${fault.command} ${fault.code}`} className="border-b py-2.5 last:border-0">
            <p className="flex flex-wrap items-baseline gap-x-2">
              <span className="font-mono text-xs font-medium">{fault.command}</span>
              <span className="font-mono text-xs text-danger">{fault.code}</span>
              <span className="ml-auto text-xs text-ink-3" title={momentOf(fault.last_at)}>
                {countOf(fault.count)} {fault.count === 1 ? "time" : "times"}, last {agoOf(fault.last_at)}
              </span>
            </p>
            <p className="mt-0.5 text-xs break-words text-ink-2">{fault.message}</p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
