import type { Priority, TaskStatus } from "@ymera/client";
import clsx from "clsx";

const STATUS_TINT: Record<TaskStatus, string> = {
  backlog: "text-ink-3",
  todo: "text-ink-2",
  in_progress: "text-[light-dark(oklch(0.68_0.15_70),oklch(0.8_0.14_80))]",
  in_review: "text-[light-dark(oklch(0.6_0.15_300),oklch(0.74_0.13_300))]",
  done: "text-[light-dark(oklch(0.6_0.14_155),oklch(0.72_0.14_155))]",
  canceled: "text-ink-3",
};

/** A ring that fills as the work does. Always beside the status's name, or with `title`. */
export function StatusGlyph({
  status,
  title,
  className,
}: {
  status: TaskStatus;
  title?: string;
  className?: string;
}) {
  return (
    <svg
      viewBox="0 0 16 16"
      className={clsx("size-3.5 shrink-0", STATUS_TINT[status], className)}
      role={title ? "img" : undefined}
      aria-hidden={title ? undefined : true}
      aria-label={title}
    >
      {status === "done" || status === "canceled" ? (
        <Ended done={status === "done"} />
      ) : (
        <Ring status={status} />
      )}
    </svg>
  );
}

function Ended({ done }: { done: boolean }) {
  return (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path
        d={done ? "m4.9 8.3 2.1 2.1 4.1-4.4" : "m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8"}
        fill="none"
        stroke="var(--color-raised)"
        strokeWidth="1.7"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  );
}

function Ring({ status }: { status: TaskStatus }) {
  const share = { in_progress: 0.5, in_review: 0.78 }[status as string] ?? 0;
  return (
    <>
      <circle
        cx="8"
        cy="8"
        r="6.1"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.7"
        strokeDasharray={status === "backlog" ? "2.1 2.16" : undefined}
      />
      {share > 0 && (
        <circle
          cx="8"
          cy="8"
          r="1.85"
          fill="none"
          stroke="currentColor"
          strokeWidth="3.7"
          pathLength="1"
          strokeDasharray={`${share} 1`}
          transform="rotate(-90 8 8)"
        />
      )}
    </>
  );
}

const BARS: Record<Exclude<Priority, "none" | "urgent">, number> = { low: 1, medium: 2, high: 3 };

export function PriorityGlyph({
  priority,
  title,
  className,
}: {
  priority: Priority;
  title?: string;
  className?: string;
}) {
  const frame = {
    viewBox: "0 0 16 16",
    className: clsx(
      "size-3.5 shrink-0",
      priority === "urgent" ? "text-[light-dark(oklch(0.62_0.19_40),oklch(0.72_0.17_45))]" : "text-ink-2",
      className,
    ),
    role: title ? "img" : undefined,
    "aria-hidden": title ? undefined : (true as const),
    "aria-label": title,
  };
  if (priority === "none")
    return (
      <svg {...frame}>
        <path
          d="M2.5 8h2M7 8h2m2.5 0h2"
          stroke="currentColor"
          strokeWidth="1.6"
          strokeLinecap="round"
          opacity="0.7"
        />
      </svg>
    );
  if (priority === "urgent")
    return (
      <svg {...frame}>
        <rect x="1" y="1" width="14" height="14" rx="3.5" fill="currentColor" />
        <path d="M8 4.2v4.4" stroke="var(--color-raised)" strokeWidth="1.9" strokeLinecap="round" />
        <circle cx="8" cy="11.4" r="1.1" fill="var(--color-raised)" />
      </svg>
    );
  return (
    <svg {...frame}>
      {[0, 1, 2].map((bar) => (
        <rect
          key={bar}
          x={1.75 + bar * 4.5}
          y={10 - bar * 3.5}
          width="3"
          height={4 + bar * 3.5}
          rx="1"
          fill="currentColor"
          opacity={bar < BARS[priority] ? 1 : 0.28}
        />
      ))}
    </svg>
  );
}
