import { Command } from "cmdk";
import { Check } from "lucide-react";
import { Popover } from "radix-ui";
import { type ReactNode, useState } from "react";

import { SURFACE } from "./menu";

export interface Option {
  value: string;
  label: string;
  icon?: ReactNode;
  note?: string;
  keywords?: string[];
}

interface PickerProps {
  trigger: ReactNode;
  /** Names the list to assistive technology. */
  label: string;
  placeholder: string;
  options: readonly Option[];
  selected: readonly string[];
  onPick: (value: string) => void;
  /** Called with text that matches no option, where new values can be made. */
  onCreate?: (text: string) => void;
  createLabel?: (text: string) => string;
  /** True: stays open, for several values. */
  multiple?: boolean;
  empty?: string;
  align?: "start" | "end";
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}

/** A searchable list in a popover: assignees, labels, tasks, people. */
export function Picker(props: PickerProps) {
  const [ownOpen, setOwnOpen] = useState(false);
  const [query, setQuery] = useState("");
  const open = props.open ?? ownOpen;
  const setOpen = (next: boolean) => {
    setQuery("");
    setOwnOpen(next);
    props.onOpenChange?.(next);
  };
  const pick = (act: () => void) => {
    act();
    setQuery("");
    if (!props.multiple) setOpen(false);
  };
  const text = query.trim();
  const known = props.options.some((option) => option.label.toLowerCase() === text.toLowerCase());
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>{props.trigger}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align={props.align ?? "start"}
          sideOffset={4}
          collisionPadding={8}
          className={`${SURFACE} w-72 p-0!`}
          aria-label={props.label}
        >
          <Command label={props.label} loop>
            <Command.Input
              value={query}
              onValueChange={setQuery}
              placeholder={props.placeholder}
              className="h-9 w-full border-b border-line bg-transparent px-3 text-sm focus-visible:outline-none"
            />
            <Command.List className="max-h-72 overflow-y-auto p-1" label={props.label}>
              {!(props.onCreate && text) && (
                <Command.Empty className="px-2 py-4 text-center text-sm text-ink-3">
                  {props.empty ?? "Nothing matches."}
                </Command.Empty>
              )}
              {props.options.map((option) => (
                <Row
                  key={option.value}
                  option={option}
                  ticked={props.selected.includes(option.value)}
                  onSelect={() => pick(() => props.onPick(option.value))}
                />
              ))}
              {props.onCreate && text && !known && (
                <Command.Item
                  value={`create ${text}`}
                  className={ROW}
                  onSelect={() => pick(() => props.onCreate?.(text))}
                >
                  {props.createLabel?.(text) ?? `Create “${text}”`}
                </Command.Item>
              )}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

const ROW =
  "flex min-h-7.5 select-none items-center gap-2 rounded-md px-2 py-1 text-sm data-[selected=true]:bg-hover [&>svg]:size-4 [&>svg]:shrink-0";

function Row({ option, ticked, onSelect }: { option: Option; ticked: boolean; onSelect: () => void }) {
  return (
    <Command.Item
      value={option.value}
      keywords={[option.label, ...(option.keywords ?? [])]}
      className={ROW}
      onSelect={onSelect}
    >
      {option.icon}
      <span className="min-w-0 flex-1 truncate">{option.label}</span>
      {option.note && <span className="text-xs text-ink-3">{option.note}</span>}
      {ticked && <Check aria-label="chosen" className="text-accent" />}
    </Command.Item>
  );
}
