import type { Status } from "@ymera/client";
import clsx from "clsx";
import { CloudOff, RefreshCw } from "lucide-react";

import { useStatus } from "./client";

function changes(count: number): string {
  return `${count} ${count === 1 ? "change" : "changes"}`;
}

/** What the connection is doing, in a few words. */
export function wordsFor({ phase, queued }: Pick<Status, "phase" | "queued">): string {
  switch (phase) {
    case "live":
      return queued > 0 ? `Sending ${changes(queued)}` : "Live";
    case "catching_up":
      return queued > 0 ? `Catching up, ${changes(queued)} to send` : "Catching up";
    case "connecting":
      return "Connecting";
    case "offline":
      return queued > 0 ? `Offline, ${changes(queued)} queued` : "Offline";
    case "signed_out":
      return "Signed out";
  }
}

const DOTS: Record<Status["phase"], string> = {
  live: "bg-[light-dark(oklch(0.62_0.16_152),oklch(0.72_0.16_152))]",
  catching_up: "bg-[light-dark(oklch(0.72_0.16_75),oklch(0.8_0.14_80))] animate-breathe",
  connecting: "bg-[light-dark(oklch(0.72_0.16_75),oklch(0.8_0.14_80))] animate-breathe",
  offline: "bg-danger-solid",
  signed_out: "bg-ink-3",
};

/** Always in sight: a dot and a word. */
export function ConnectionBadge() {
  const status = useStatus();
  return (
    <span
      role="status"
      data-connection={status.phase}
      data-queued={status.queued}
      className="inline-flex items-center gap-2 text-xs whitespace-nowrap text-ink-2"
    >
      <span aria-hidden className={clsx("size-2 rounded-full", DOTS[status.phase])} />
      {wordsFor(status)}
    </span>
  );
}

/** For where there is no room for words. */
export function ConnectionDot() {
  const status = useStatus();
  return (
    <span
      role="img"
      aria-label={wordsFor(status)}
      title={wordsFor(status)}
      className={clsx("block size-2 rounded-full", DOTS[status.phase])}
    />
  );
}

/** While the server cannot be reached: what still works, and what happens to changes. */
export function ConnectionBanner() {
  const status = useStatus();
  if (status.phase !== "offline") return null;
  const { queued } = status;
  return (
    <div className="flex items-center gap-2.5 border-b border-line bg-warn-soft px-4 py-1.5 text-xs text-warn">
      <CloudOff aria-hidden className="size-3.5 shrink-0" />
      <p className="min-w-0">
        <span className="font-medium">You are offline.</span>{" "}
        {queued > 0
          ? `${changes(queued)} ${queued === 1 ? "is" : "are"} kept here and will be sent when the server is back.`
          : "What you see may be out of date. Changes you make are kept and sent later."}
      </p>
      <RefreshCw aria-hidden className="ml-auto size-3 shrink-0 animate-spin [animation-duration:3s]" />
    </div>
  );
}
