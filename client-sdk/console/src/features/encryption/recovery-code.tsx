import { useQuery } from "@tanstack/react-query";
import { Check, Copy, Download, Printer } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { createPortal } from "react-dom";

import { useMe } from "#/app/client";
import { messageOf } from "#/app/errors";
import { Button } from "#/ui/button";
import { Dialog, DialogBody } from "#/ui/dialog";
import { TextField, useSubmission } from "#/ui/form";
import { Skeleton } from "#/ui/states";
import { toast } from "#/ui/toast";
import { useCopy } from "#/ui/use-copy";

import { codeFile, groupsOf } from "./codes";
import { saveText } from "./save-text";
import { useSealed, useSealedStatus } from "./use-sealed";

interface KeepCodeProps {
  code: string;
  /** The code was typed back. */
  onDone: () => void;
  /** That is put off; left out where nothing is held up by it. */
  onLater?: (() => void) | undefined;
}

/** Shows the recovery code, and has it typed back; one may put that off. */
export function KeepCode({ code, onDone, onLater }: KeepCodeProps) {
  // Null before it was first typed: whoever comes back from that goes on where they were.
  const [typing, setTyping] = useState<boolean | null>(null);
  return (
    <section aria-label="Recovery code" className="flex flex-col gap-4">
      {typing ? (
        <TypeBack onBack={() => setTyping(false)} onDone={onDone} onLater={onLater} />
      ) : (
        <>
          <p className="text-sm text-ink-2">
            This code opens what is encrypted for you on a new device, also when every other device is lost.
            There is no second one: not even whoever runs the server can make you another. Keep it where only
            you find it.
          </p>
          <Groups code={code} />
          <Takeaways code={code} />
          <Steps onLater={onLater}>
            <Button
              look="primary"
              // eslint-disable-next-line jsx-a11y/no-autofocus -- the button that had the focus is gone
              autoFocus={typing === false}
              onClick={() => setTyping(true)}
            >
              I have kept it
            </Button>
          </Steps>
        </>
      )}
    </section>
  );
}

function Groups({ code }: { code: string }) {
  return (
    <p
      data-recovery-code={code}
      className="grid grid-cols-4 gap-x-3 gap-y-2 rounded-lg border bg-sunken px-4 py-3.5 text-center font-mono text-base tracking-wider select-all"
    >
      {groupsOf(code).map((group, index) => (
        <span key={index}>{group}</span>
      ))}
    </p>
  );
}

function Takeaways({ code }: { code: string }) {
  const me = useMe();
  const { copied, copy } = useCopy(code);
  const [printing, setPrinting] = useState(false);
  const text = () => codeFile(code, me.name, window.location.host, new Date());
  return (
    <div className="flex flex-wrap gap-2 [&_svg]:size-3.5">
      <Button size="sm" onClick={() => void copy()}>
        {copied ? <Check aria-hidden /> : <Copy aria-hidden />} {copied ? "Copied" : "Copy"}
      </Button>
      <Button size="sm" onClick={() => saveText("ymera-recovery-code.txt", text(), "text/plain")}>
        <Download aria-hidden /> Save as a file
      </Button>
      <Button size="sm" onClick={() => setPrinting(true)}>
        <Printer aria-hidden /> Print
      </Button>
      {printing && <PrintSheet text={text()} onDone={() => setPrinting(false)} />}
    </div>
  );
}

/** Stands in the page only while it is printed, and is then the only thing on paper. */
function PrintSheet({ text, onDone }: { text: string; onDone: () => void }) {
  useEffect(() => {
    window.addEventListener("afterprint", onDone, { once: true });
    window.print();
    return () => window.removeEventListener("afterprint", onDone);
  }, [onDone]);
  return createPortal(<pre className="print-sheet">{text}</pre>, document.body);
}

function TypeBack({ onBack, onDone, onLater }: Omit<KeepCodeProps, "code"> & { onBack: () => void }) {
  const sealed = useSealed();
  const [typed, setTyped] = useState("");
  const { busy, error, onSubmit } = useSubmission(async () => {
    await sealed.confirmCode(typed);
    toast("Recovery code confirmed");
    onDone();
  });
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <CodeField
        focused
        label="Type the code back"
        hint="From where you have kept it. Spaces and hyphens do not matter."
        error={error}
        value={typed}
        onChange={setTyped}
      />
      <Steps onLater={onLater}>
        <Button onClick={onBack}>Show it again</Button>
        <Button type="submit" look="primary" busy={busy} disabled={!typed.trim()}>
          Confirm
        </Button>
      </Steps>
    </form>
  );
}

function Steps({ onLater, children }: Pick<KeepCodeProps, "onLater"> & { children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      {children}
      {onLater && (
        <Button look="ghost" onClick={onLater}>
          Later
        </Button>
      )}
    </div>
  );
}

/** The code that was not confirmed yet, in a dialog. */
export function CodeDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Your recovery code">
      <DialogBody>
        <UnkeptCode onDone={() => onOpenChange(false)} onLater={() => onOpenChange(false)} />
      </DialogBody>
    </Dialog>
  );
}

const nothing = () => undefined;

/** The code as long as it was not confirmed; after that nobody can show it. */
export function UnkeptCode({ onDone, onLater }: Partial<Pick<KeepCodeProps, "onDone" | "onLater">>) {
  const sealed = useSealed();
  const { codeKept } = useSealedStatus();
  const code = useQuery({
    queryKey: ["unkept-code"],
    enabled: codeKept === false,
    // A secret: gone from memory with the last page that shows it.
    gcTime: 0,
    staleTime: 0,
    queryFn: () => sealed.unkeptCode(),
  });
  if (codeKept === true)
    return <p className="text-sm text-ink-2">The code is confirmed, and is shown no more.</p>;
  if (code.isError) return <p className="text-sm text-danger">{messageOf(code.error)}</p>;
  if (codeKept === null || code.data === null)
    return (
      <p className="text-sm text-ink-2">
        This device does not have the code. It can be confirmed on the device that it was made on.
      </p>
    );
  if (code.isPending) return <Skeleton className="h-28" />;
  return <KeepCode code={code.data} onDone={onDone ?? nothing} onLater={onLater} />;
}

interface CodeFieldProps {
  label: string;
  hint: string;
  error: unknown;
  value: string;
  onChange: (typed: string) => void;
  /** True: has just been asked for, and takes the focus. */
  focused?: boolean;
}

/** Where somebody types a recovery code. */
export function CodeField({ error, focused = false, ...field }: CodeFieldProps) {
  return (
    <TextField
      {...field}
      // eslint-disable-next-line jsx-a11y/no-autofocus -- opened by the button that asks to type
      autoFocus={focused}
      error={error ? messageOf(error) : null}
      required
      maxLength={100}
      autoComplete="off"
      spellCheck={false}
      className="font-mono uppercase"
    />
  );
}
