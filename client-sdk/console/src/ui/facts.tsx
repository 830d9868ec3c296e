import type { ReactNode } from "react";

/** Names and values, one a line. */
export function Facts({ children }: { children: ReactNode }) {
  return (
    <dl className="grid grid-cols-[6.5rem_minmax(0,1fr)] items-baseline gap-x-3 gap-y-1.5">{children}</dl>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-xs text-ink-3">{name}</dt>
      <dd className="min-w-0 text-sm break-words">{children}</dd>
    </>
  );
}
