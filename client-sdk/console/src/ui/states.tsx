import clsx from "clsx";
import { CircleAlert, type LucideIcon, WifiOff } from "lucide-react";
import type { ReactNode } from "react";

import { Button } from "./button";

/** What a page says when it has nothing to show: why, and what to do about it. */
export function Empty({
  icon: Icon,
  title,
  children,
  action,
}: {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="mx-auto flex max-w-sm flex-col items-center px-6 py-16 text-center">
      <span className="mb-4 flex size-11 items-center justify-center rounded-xl border border-line bg-raised text-ink-3 shadow-card">
        <Icon aria-hidden className="size-5" strokeWidth={1.75} />
      </span>
      <h2 className="max-w-full text-base font-semibold wrap-anywhere">{title}</h2>
      {children && <p className="mt-1 text-sm text-pretty text-ink-2">{children}</p>}
      {action && <div className="mt-5 flex gap-2">{action}</div>}
    </div>
  );
}

export function Failed({ message, onRetry }: { message: string; onRetry?: () => void }) {
  return (
    <div role="alert">
      <Empty
        icon={CircleAlert}
        title="This could not be loaded"
        action={onRetry && <Button onClick={onRetry}>Try again</Button>}
      >
        {message}
      </Empty>
    </div>
  );
}

export function OfflineEmpty() {
  return (
    <Empty icon={WifiOff} title="You are offline">
      This page has not been loaded before. It appears by itself once the server can be reached again.
    </Empty>
  );
}

export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={clsx("block animate-breathe rounded-md bg-pressed", className)} />;
}

/** Rows of a list that is on its way. */
export function SkeletonRows({ rows = 6, className }: { rows?: number; className?: string }) {
  return (
    <div role="status" aria-label="Loading" className={clsx("flex flex-col", className)}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="flex h-11 items-center gap-3 px-4">
          <Skeleton className="size-4 rounded-full" />
          <Skeleton className={clsx("h-3", ["w-2/5", "w-1/2", "w-1/3"][index % 3])} />
          <Skeleton className="ml-auto h-3 w-16" />
        </div>
      ))}
    </div>
  );
}
