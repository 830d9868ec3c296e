import type { Trust } from "@ymera/client";
import clsx from "clsx";
import { Shield, ShieldAlert, ShieldCheck } from "lucide-react";

import { Chip } from "#/ui/chip";
import { Tip } from "#/ui/tip";

import { TRUST_NAMES, TRUST_NOTES } from "./words";

const ICONS = { verified: ShieldCheck, unverified: Shield, changed: ShieldAlert };
const TONES = { verified: "good", unverified: "plain", changed: "danger" } as const;

/** Whether somebody's keys are known to be theirs, in a word. */
export function TrustChip({ trust }: { trust: Trust }) {
  const Icon = ICONS[trust];
  return (
    <span title={TRUST_NOTES[trust]} className="inline-flex">
      <Chip tone={TONES[trust]}>
        <Icon aria-hidden /> {TRUST_NAMES[trust]}
      </Chip>
    </span>
  );
}

/** The same beside a name that somebody wrote under, quietly; nothing where they are verified. */
export function AuthorMark({ trust }: { trust: Trust | null }) {
  if (trust === null || trust === "verified") return null;
  const Icon = ICONS[trust];
  return (
    <Tip text={TRUST_NOTES[trust]}>
      <span
        role="img"
        aria-label={TRUST_NAMES[trust]}
        data-trust={trust}
        className={clsx(
          "inline-flex self-center [&>svg]:size-3",
          trust === "changed" ? "text-danger" : "text-ink-3",
        )}
      >
        <Icon aria-hidden />
      </span>
    </Tip>
  );
}
