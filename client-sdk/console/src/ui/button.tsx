import clsx from "clsx";
import type { ComponentProps, ReactNode } from "react";

import { Spinner } from "./spinner";
import { Tip } from "./tip";

type Look = "primary" | "secondary" | "ghost" | "danger";
type Size = "sm" | "md" | "lg";

const LOOKS: Record<Look, string> = {
  primary:
    "bg-accent-solid text-white shadow-card hover:bg-accent-hover active:bg-accent-hover disabled:opacity-55",
  secondary:
    "border border-line-strong/80 bg-raised text-ink shadow-card hover:bg-hover active:bg-pressed disabled:opacity-55",
  ghost:
    "text-ink-2 hover:bg-hover hover:text-ink active:bg-pressed data-[state=open]:bg-pressed disabled:opacity-45",
  danger: "bg-danger-solid text-white shadow-card hover:brightness-95 disabled:opacity-55",
};

const SIZES: Record<Size, string> = {
  sm: "h-7 px-2.5 text-xs gap-1.5",
  md: "h-8 px-3 text-sm gap-2",
  lg: "h-10 px-4 text-base gap-2",
};

const FRAME =
  "inline-flex shrink-0 select-none items-center justify-center whitespace-nowrap rounded-md font-medium transition-colors duration-100";

export type ButtonProps = ComponentProps<"button"> & {
  look?: Look;
  size?: Size;
  /** Shows a spinner and refuses clicks, keeping the label readable. */
  busy?: boolean;
};

export function Button({
  look = "secondary",
  size = "md",
  busy = false,
  type = "button",
  className,
  children,
  disabled,
  ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      className={clsx(FRAME, LOOKS[look], SIZES[size], className)}
      disabled={disabled === true || busy}
      aria-busy={busy || undefined}
      {...rest}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

type IconButtonProps = Omit<ComponentProps<"button">, "children"> & {
  /** Named to assistive technology and shown as a tooltip. */
  label: string;
  keys?: string;
  children: ReactNode;
  size?: "xs" | "sm" | "md";
};

const SQUARES = { xs: "size-6", sm: "size-7", md: "size-8" };

export function IconButton({ label, keys, size = "sm", className, children, ...rest }: IconButtonProps) {
  return (
    <Tip text={label} {...(keys ? { keys } : {})}>
      <button
        type="button"
        aria-label={label}
        className={clsx(FRAME, LOOKS.ghost, SQUARES[size], "[&_svg]:size-4", className)}
        {...rest}
      >
        {children}
      </button>
    </Tip>
  );
}
