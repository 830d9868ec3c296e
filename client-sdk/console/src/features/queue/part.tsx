import type { ReactNode } from "react";

import { RunList } from "#/features/runs/run-row";

interface PartProps {
  title: string;
  /** Null: it does not matter how many. */
  count: number | null;
  empty: string;
  children: readonly ReactNode[];
}

/** Some of the runs of a queue. */
export function Part({ title, count, empty, children }: PartProps) {
  return (
    <section aria-label={title}>
      <h2 className="mb-2 text-sm font-semibold">
        {title}
        {count !== null && count > 0 && (
          <span className="ml-1.5 font-normal text-ink-3 tabular">{count}</span>
        )}
      </h2>
      {children.length === 0 ? <p className="text-ink-3">{empty}</p> : <RunList>{children}</RunList>}
    </section>
  );
}
