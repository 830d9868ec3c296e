import clsx from "clsx";
import { type ComponentProps, type ReactNode, type Ref, useId, useLayoutEffect, useRef } from "react";

export const CONTROL =
  "w-full rounded-md border border-line-strong/80 bg-panel px-2.5 text-sm text-ink transition-colors duration-100 hover:border-line-strong focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 aria-invalid:border-danger disabled:opacity-60";

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | null | undefined;
  children: (props: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ReactNode;
}

/** A labelled control with its hint and, in its place, what is wrong with the value. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-xs font-medium text-ink-2">
        {label}
      </label>
      {children({
        id,
        ...(note ? { "aria-describedby": `${id}-note` } : {}),
        ...(error ? { "aria-invalid": true as const } : {}),
      })}
      {note && (
        <p
          id={`${id}-note`}
          role={error ? "alert" : undefined}
          className={clsx("text-xs", error ? "text-danger" : "text-ink-3")}
        >
          {note}
        </p>
      )}
    </div>
  );
}

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input className={clsx(CONTROL, "h-8", className)} {...rest} />;
}

export function Select({ className, ...rest }: ComponentProps<"select">) {
  return <select className={clsx(CONTROL, "h-8 pr-7", className)} {...rest} />;
}

/** Grows with its text, up to `maxRows`. */
export function TextArea({
  className,
  minRows = 2,
  maxRows = 20,
  bare = false,
  ref,
  ...rest
}: ComponentProps<"textarea"> & {
  minRows?: number;
  maxRows?: number;
  bare?: boolean;
  ref?: Ref<HTMLTextAreaElement>;
}) {
  const own = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const area = own.current;
    if (!area) return;
    area.style.height = "auto";
    const line = parseFloat(getComputedStyle(area).lineHeight) || 20;
    area.style.height = `${Math.min(Math.max(area.scrollHeight, minRows * line), maxRows * line + 16)}px`;
  }, [rest.value, minRows, maxRows]);
  return (
    <textarea
      ref={(node) => {
        own.current = node;
        if (typeof ref === "function") ref(node);
        else if (ref) ref.current = node;
      }}
      rows={minRows}
      className={clsx(
        bare
          ? "w-full resize-none bg-transparent focus-visible:outline-none"
          : clsx(CONTROL, "resize-none py-1.5"),
        className,
      )}
      {...rest}
    />
  );
}
