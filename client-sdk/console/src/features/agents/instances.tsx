import type { Instance, RunInfo } from "@ymera/client";
import { Server } from "lucide-react";

import { percentOf } from "#/ui/amounts";
import { Chip } from "#/ui/chip";
import { agoOf, momentOf } from "#/ui/dates";
import { Panel } from "#/ui/panel";

import { hasEnded } from "../runs/states";

/** The processes of an agent: whether each is connected, what it holds, and whether that goes on. */
export function Instances({ instances, runs }: { instances: readonly Instance[]; runs: readonly RunInfo[] }) {
  return (
    <Panel title="Processes" note="Connection, leases and progress are three things.">
      {instances.length === 0 && <p className="text-ink-3">No process of it is known.</p>}
      <ul className="-my-2 empty:hidden">
        {instances.map((instance) => (
          <InstanceRow
            key={instance.id}
            instance={instance}
            runs={runs.filter((run) => run.instance_id === instance.id && !hasEnded(run.state))}
          />
        ))}
      </ul>
    </Panel>
  );
}

function InstanceRow({ instance, runs }: { instance: Instance; runs: readonly RunInfo[] }) {
  return (
    <li className="border-b py-3 last:border-0">
      <p className="flex flex-wrap items-center gap-2">
        <Server aria-hidden className="size-4 text-ink-3" />
        <span className="font-medium">{instance.host || "A process"}</span>
        {instance.software && <span className="text-xs text-ink-3">{instance.software}</span>}
        {instance.draining && <Chip tone="warn">Finishing up</Chip>}
        {instance.blocked && <Chip tone="danger">Blocked</Chip>}
        {instance.unresponsive && <Chip tone="danger">Unresponsive</Chip>}
        <span className="ml-auto font-mono text-2xs text-ink-3" title={instance.id}>
          {instance.id.slice(-8)}
        </span>
      </p>
      <dl className="mt-2 grid gap-x-4 gap-y-2 sm:grid-cols-3">
        <Aspect name="Connection">
          {instance.connected ? (
            <span title={momentOf(instance.connected_at)}>
              Connected, since {agoOf(instance.connected_at)}
            </span>
          ) : (
            <span className="text-warn" title={momentOf(instance.seen_at)}>
              Gone, last sign {agoOf(instance.seen_at)}
            </span>
          )}
        </Aspect>
        <Aspect name="Leases">
          {instance.capacity === 0
            ? `${instance.running} claimed`
            : `${instance.running} of ${instance.capacity} runs`}
        </Aspect>
        <Aspect name="Progress">{progressOf(runs)}</Aspect>
      </dl>
      {(instance.blocked || instance.unresponsive) && (
        <p className="mt-2 text-xs text-danger">
          {instance.blocked
            ? "Something holds up its event loop: a run of it may be at fault."
            : "It let three offers in a row pass, and gets none until it has given signs for a minute."}
        </p>
      )}
    </li>
  );
}

function Aspect({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt className="text-2xs text-ink-3">{name}</dt>
      <dd className="text-xs">{children}</dd>
    </div>
  );
}

function progressOf(runs: readonly RunInfo[]): string {
  const stale = runs.filter((run) => run.stale).length;
  if (stale > 0) return `${stale} without progress for too long`;
  const moved = runs.filter((run) => run.progress_at !== null);
  const newest = moved.sort((a, b) => ((a.progress_at ?? "") < (b.progress_at ?? "") ? 1 : -1))[0];
  if (!newest?.progress_at) return runs.length > 0 ? "None reported yet" : "Nothing to do";
  const share = newest.progress === null ? "" : `${percentOf(newest.progress)}, `;
  return `${share}${agoOf(newest.progress_at)}`;
}
