import type { SealedMember } from "@ymera/client";
import { Link } from "@tanstack/react-router";
import { LockKeyhole } from "lucide-react";

import { type SealedPlace, useSealedPlaces } from "#/features/encryption/across";
import { SEALED_ROLE_NAMES } from "#/features/encryption/words";

/** An encrypted room with the agent in it. */
export interface SealedGrant {
  place: SealedPlace;
  member: SealedMember;
}

/** The encrypted rooms and projects of one's own that an agent is in, which the server does not list. */
export function useSealedGrants(agentId: string): readonly SealedGrant[] {
  return useSealedPlaces().flatMap((place) => {
    const member = place.sealed.members.find(({ memberId }) => memberId === agentId);
    return member ? [{ place, member }] : [];
  });
}

/** What an agent may in an encrypted room. It is changed there, by its members. */
export function SealedGrantRow({ grant: { place, member } }: { grant: SealedGrant }) {
  const { id, name, sealed } = place;
  const link =
    sealed.form === "project"
      ? ({ to: "/projects/$projectId", params: { projectId: id } } as const)
      : ({ to: "/rooms/$roomId", params: { roomId: id } } as const);
  return (
    <li className="flex min-h-11 items-center gap-3 border-b py-2 last:border-0">
      <LockKeyhole aria-hidden className="size-3.5 shrink-0 text-good" />
      <span className="min-w-0 flex-1">
        <Link {...link} className="block truncate font-medium hover:underline">
          {name}
        </Link>
        <span className="block truncate text-xs text-ink-3">
          Encrypted {sealed.form}, {SEALED_ROLE_NAMES[member.role]}
        </span>
      </span>
    </li>
  );
}
