import type { ReactNode } from "react";

interface SectionProps {
  title: string;
  note?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}

/** A part of a page about one run. */
export function Section({ title, note, action, children }: SectionProps) {
  return (
    <section aria-label={title}>
      <div className="mb-2 flex min-h-7 items-center gap-2">
        <h3 className="text-sm font-semibold">{title}</h3>
        {note && <span className="text-xs text-ink-3">{note}</span>}
        {action && <span className="ml-auto">{action}</span>}
      </div>
      {children}
    </section>
  );
}
