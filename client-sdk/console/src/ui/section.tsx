import clsx from "clsx";
import type { ReactNode } from "react";

interface SectionProps {
  title: string;
  note?: ReactNode;
  action?: ReactNode;
  /** True: the title steps back, where the section is one of many facts about a thing. */
  quiet?: boolean;
  children: ReactNode;
}

/** A part of what a page tells about one thing. */
export function Section({ title, note, action, quiet = false, children }: SectionProps) {
  return (
    <section aria-label={title}>
      <div className={clsx("flex min-h-6 items-center gap-2", quiet ? "mb-1" : "mb-2")}>
        <h3 className={quiet ? "text-xs font-medium text-ink-3" : "text-sm font-semibold"}>{title}</h3>
        {note && <span className="text-xs text-ink-3 tabular">{note}</span>}
        {action && <span className="ml-auto">{action}</span>}
      </div>
      {children}
    </section>
  );
}
