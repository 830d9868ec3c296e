import clsx from "clsx";

/** The sign of YMERA. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={clsx("shrink-0", className)} role="img" aria-label="YMERA">
      <rect width="32" height="32" rx="8" fill="var(--color-accent-solid)" />
      <path
        d="M9 8.5 16 17l7-8.5M16 17v7"
        fill="none"
        stroke="#fff"
        strokeWidth="3.2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
