import type { Capability } from "@ymera/client";

import { durationOf, moneyOf } from "#/ui/amounts";
import { Chip } from "#/ui/chip";
import { Code } from "#/ui/copy-field";
import { Panel } from "#/ui/panel";

import { COST_NAMES, SECOND_NAMES } from "./states";

/** What an agent can do, with what goes in and what comes out. */
export function Capabilities({ capabilities }: { capabilities: readonly Capability[] }) {
  return (
    <Panel title="Capabilities">
      {capabilities.length === 0 && (
        <p className="text-ink-3">None. Its processes say what it can do when they connect.</p>
      )}
      <ul className="-my-2 empty:hidden">
        {capabilities.map((capability) => (
          <CapabilityRow key={capability.name} capability={capability} />
        ))}
      </ul>
    </Panel>
  );
}

function CapabilityRow({ capability }: { capability: Capability }) {
  const { concurrency = 1, cost = "free", second = "enqueue", rate, attempts = 3, estimate = 0 } = capability;
  const facts = [
    `${concurrency} at once`,
    rate ? `at most ${rate} a minute` : "",
    `up to ${attempts} ${attempts === 1 ? "attempt" : "attempts"}`,
    estimate > 0 ? `about ${moneyOf(estimate)} a run` : "",
    `stale after ${durationOf(capability.stale_after ?? 1_800)}`,
  ];
  return (
    <li className="border-b py-3 last:border-0">
      <p className="flex items-center gap-2">
        <span className="font-mono font-medium">{capability.name}</span>
        <Chip>{COST_NAMES[cost]}</Chip>
      </p>
      {capability.description && <p className="mt-0.5 text-ink-2">{capability.description}</p>}
      <p className="mt-1 text-xs text-ink-3">
        {facts.filter(Boolean).join(", ")}. A second run for the same task {SECOND_NAMES[second]}.
      </p>
      <details className="mt-1.5">
        <summary className="w-fit rounded-sm text-xs font-medium text-ink-2 hover:text-ink">
          Input and output
        </summary>
        <div className="mt-2 grid gap-3 sm:grid-cols-2">
          <SchemaBlock name="Input" of={capability.name} schema={capability.input} />
          <SchemaBlock name="Output" of={capability.name} schema={capability.output} />
        </div>
      </details>
    </li>
  );
}

function SchemaBlock({ name, of, schema }: { name: string; of: string; schema: unknown }) {
  return (
    <div className="min-w-0">
      <p className="mb-1 text-2xs text-ink-3">{name}</p>
      <Code label={`${name} of ${of}`} text={JSON.stringify(schema ?? {}, null, 2)} />
    </div>
  );
}
