import { type KeyboardEvent, useState } from "react";

import { TextArea } from "#/ui/field";

interface QuickAddProps {
  label: string;
  onCreate: (title: string) => void;
  onClose: () => void;
}

/** Titles, one after the other: Enter adds and stays, Escape or leaving it empty closes. */
export function QuickAdd({ label, onCreate, onClose }: QuickAddProps) {
  const [title, setTitle] = useState("");
  const add = () => {
    const text = title.replace(/\s+/g, " ").trim();
    if (!text) return;
    onCreate(text);
    setTitle("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      add();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    }
  };
  return (
    <div className="mx-1 mb-2 animate-fade rounded-lg border border-accent bg-raised px-3 py-2 shadow-card ring-1 ring-accent">
      <TextArea
        bare
        // The form opens because somebody asked to write in it.
        // eslint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        aria-label={label}
        placeholder="What needs doing?"
        value={title}
        maxLength={300}
        minRows={1}
        maxRows={5}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => {
          add();
          onClose();
        }}
        className="text-sm font-medium"
      />
      <p className="mt-1 text-2xs text-ink-3">Enter adds, Esc closes</p>
    </div>
  );
}
