import { Check, Copy } from "lucide-react";

import { Button } from "./button";
import { Field, Input } from "./field";
import { useCopy } from "./use-copy";

/** A secret or a link to take away. */
export function CopyField({ label, value, note }: { label: string; value: string; note: string }) {
  return (
    <Field label={label} hint={note}>
      {(props) => (
        <div className="flex gap-2">
          <Input
            {...props}
            readOnly
            value={value}
            onFocus={(event) => event.target.select()}
            className="font-mono text-xs"
          />
          <CopyButton text={value} before={(button) => inputBeside(button)?.select()} />
        </div>
      )}
    </Field>
  );
}

function inputBeside(button: HTMLElement): HTMLInputElement | null {
  return button.parentElement?.querySelector("input") ?? null;
}

/** Some lines to take away: a program, commands. */
export function CopyBlock({ label, text }: { label: string; text: string }) {
  return (
    <figure>
      <figcaption className="mb-1.5 flex items-end justify-between text-xs font-medium text-ink-2">
        {label}
        <CopyButton text={text} size="sm" />
      </figcaption>
      <Code text={text} label={label} />
    </figure>
  );
}

/** Text in which every character counts; scrolls by itself, also by keyboard. */
export function Code({ text, label }: { text: string; label: string }) {
  return (
    <pre
      role="group"
      aria-label={label}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
      tabIndex={0}
      className="max-h-80 overflow-auto rounded-md border bg-sunken px-3 py-2 font-mono text-xs whitespace-pre select-text"
    >
      {text}
    </pre>
  );
}

interface CopyButtonProps {
  text: string;
  size?: "sm" | "md";
  before?: (button: HTMLElement) => void;
}

function CopyButton({ text, size = "md", before }: CopyButtonProps) {
  const { copied, copy } = useCopy(text);
  return (
    <Button
      size={size}
      className="[&>svg]:size-3.5"
      onClick={(event) => {
        before?.(event.currentTarget);
        void copy();
      }}
    >
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
      {copied ? "Copied" : "Copy"}
    </Button>
  );
}
