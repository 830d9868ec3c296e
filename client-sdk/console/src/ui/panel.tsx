import type { ReactNode } from "react";

/** A page made of panels, one subject each. */
export function PanelPage({ children }: { children: ReactNode }) {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex w-full max-w-3xl flex-col gap-8 px-5 pt-7 pb-14">{children}</div>
    </div>
  );
}

export function Panel({
  title,
  note,
  action,
  children,
}: {
  title: string;
  note?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section aria-label={title}>
      <div className="mb-2.5 flex min-h-7 flex-wrap items-end justify-end gap-2">
        <div className="min-w-32 flex-1">
          <h2 className="text-base font-semibold">{title}</h2>
          {note && <p className="mt-0.5 text-xs text-ink-3">{note}</p>}
        </div>
        {action && <div className="flex flex-wrap justify-end gap-2">{action}</div>}
      </div>
      <div className="rounded-lg border bg-raised p-4 shadow-card">{children}</div>
    </section>
  );
}
