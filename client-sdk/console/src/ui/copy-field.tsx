import { Check, Copy } from "lucide-react";
import { useState } from "react";

import { Button } from "./button";
import { Field, Input } from "./field";

/** A secret or a link to take away. */
export function CopyField({ label, value, note }: { label: string; value: string; note: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (input: HTMLInputElement | null) => {
    input?.select();
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      // Without a secure context there is no clipboard: the text is selected, to be copied by hand.
    }
  };
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
          <Button
            onClick={(event) => void copy(event.currentTarget.parentElement?.querySelector("input") ?? null)}
            className="[&>svg]:size-3.5"
          >
            {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
            {copied ? "Copied" : "Copy"}
          </Button>
        </div>
      )}
    </Field>
  );
}
