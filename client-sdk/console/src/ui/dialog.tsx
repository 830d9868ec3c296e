import clsx from "clsx";
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";

import { Button, IconButton } from "./button";
import { useFocusBack } from "./focus";

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** Shown under the title, and read out with it. */
  description?: string;
  /** True: keep the title for assistive technology only. */
  quietTitle?: boolean;
  wide?: boolean;
  /** When it has closed: `preventDefault` keeps the focus from going back to where it was before. */
  onClosed?: (event: Event) => void;
  children: ReactNode;
}

export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  quietTitle,
  wide,
  onClosed,
  children,
}: DialogProps) {
  const focus = useFocusBack();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          onOpenAutoFocus={(event) => {
            focus.remember();
            focusFirstField(event);
          }}
          onCloseAutoFocus={(event) => {
            onClosed?.(event);
            focus.giveBack(event);
          }}
          className={clsx(
            "fixed top-[12vh] left-1/2 z-50 flex max-h-[80vh] w-[calc(100vw-2rem)] -translate-x-1/2 flex-col overflow-hidden rounded-xl bg-raised shadow-dialog focus-visible:outline-none",
            wide ? "max-w-2xl" : "max-w-md",
          )}
        >
          <header className={clsx("flex items-start gap-3 px-5 pt-4", quietTitle && "sr-only")}>
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
              {description && (
                <Radix.Description className="mt-0.5 text-sm text-ink-2">{description}</Radix.Description>
              )}
            </div>
            {!quietTitle && (
              <Radix.Close asChild>
                <IconButton label="Close" className="-mr-2">
                  <X />
                </IconButton>
              </Radix.Close>
            )}
          </header>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** The first thing to fill in has the focus; where there is none, the dialog itself, not its close button. */
function focusFirstField(event: Event): void {
  event.preventDefault();
  const dialog = event.currentTarget;
  if (!(dialog instanceof HTMLElement)) return;
  const field = dialog.querySelector<HTMLElement>("input, textarea, select");
  (field ?? dialog).focus();
}

export function DialogBody({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <div className={clsx("flex min-h-0 flex-col gap-4 overflow-y-auto px-5 py-4", className)}>{children}</div>
  );
}

export function DialogFooter({ children }: { children: ReactNode }) {
  return (
    <footer className="flex items-center justify-end gap-2 border-t border-line bg-canvas/60 px-5 py-3">
      {children}
    </footer>
  );
}

interface ConfirmProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: string;
  action: string;
  onConfirm: () => void;
}

/** Asks before something that is hard to take back. */
export function Confirm({ open, onOpenChange, title, description, action, onConfirm }: ConfirmProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title} description={description}>
      <div className="h-4" />
      <DialogFooter>
        <Button onClick={() => onOpenChange(false)}>Cancel</Button>
        <Button
          look="danger"
          onClick={() => {
            onOpenChange(false);
            onConfirm();
          }}
        >
          {action}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
