import clsx from "clsx";
import { Check, ChevronRight } from "lucide-react";
import { DropdownMenu as Radix } from "radix-ui";
import type { ReactNode } from "react";

import { Keys } from "./keys";

export const SURFACE =
  "z-50 min-w-44 max-w-80 animate-pop overflow-hidden rounded-lg bg-raised p-1 shadow-pop focus-visible:outline-none";
const ITEM =
  "flex h-7.5 w-full select-none items-center gap-2 rounded-md px-2 text-sm text-ink outline-none data-[highlighted]:bg-hover data-[disabled]:opacity-50 [&>svg]:size-4 [&>svg]:shrink-0 [&>svg.lucide]:text-ink-3";

interface MenuProps {
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "end";
  label?: string;
}

export function Menu({ trigger, children, align = "start", label }: MenuProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
          className={SURFACE}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ItemProps {
  children: ReactNode;
  icon?: ReactNode;
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  onSelect: () => void;
}

export function MenuItem({ children, icon, keys, danger, disabled = false, onSelect }: ItemProps) {
  return (
    <Radix.Item
      className={clsx(ITEM, danger && "text-danger [&>svg]:text-danger!")}
      disabled={disabled}
      onSelect={onSelect}
    >
      {icon}
      <span className="flex-1 truncate">{children}</span>
      {keys && <Keys combo={keys} />}
    </Radix.Item>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 pt-1.5 pb-1 text-xs font-medium text-ink-3">{children}</Radix.Label>;
}

export function MenuSeparator() {
  return <Radix.Separator className="-mx-1 my-1 h-px bg-line" />;
}

export function MenuSub({ label, icon, children }: { label: string; icon?: ReactNode; children: ReactNode }) {
  return (
    <Radix.Sub>
      <Radix.SubTrigger className={clsx(ITEM, "data-[state=open]:bg-hover")}>
        {icon}
        <span className="flex-1">{label}</span>
        <ChevronRight />
      </Radix.SubTrigger>
      <Radix.Portal>
        <Radix.SubContent className={SURFACE} sideOffset={2} collisionPadding={8}>
          {children}
        </Radix.SubContent>
      </Radix.Portal>
    </Radix.Sub>
  );
}

export interface Choice<T extends string> {
  value: T;
  label: string;
  icon?: ReactNode;
  disabled?: boolean;
}

/** One of several values; the present one carries a tick. */
export function MenuChoices<T extends string>({
  value,
  choices,
  onChange,
}: {
  value: T;
  choices: readonly Choice<T>[];
  onChange: (value: T) => void;
}) {
  return (
    <Radix.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
      {choices.map((choice) => (
        <Radix.RadioItem
          key={choice.value}
          value={choice.value}
          disabled={choice.disabled ?? false}
          className={ITEM}
        >
          {choice.icon}
          <span className="flex-1 truncate">{choice.label}</span>
          <Radix.ItemIndicator>
            <Check className="size-3.5 text-ink-2" />
          </Radix.ItemIndicator>
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}
