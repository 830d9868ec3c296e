import type { Form, Membership, RoomState } from "@ymera/client";
import { Link } from "@tanstack/react-router";
import { LockKeyhole } from "lucide-react";

import { useRoom } from "#/app/client";
import { useMemberships } from "#/app/sidebar";
import { StateChip } from "#/features/projects/state-chip";

import { nameIn } from "./name";
import { useSealedRoom } from "./use-sealed";

interface SealedListProps {
  form: Form;
  /** Only those whose name contains this. */
  query: string;
  /** Only those that stand so. */
  stands: (state: RoomState, id: string) => boolean;
}

/** One's encrypted rooms of a form, above the open ones, which the server lists. */
export function SealedList({ form, ...filter }: SealedListProps) {
  const { sealed } = useMemberships();
  if (sealed.length === 0) return null;
  return (
    <ul
      aria-label={form === "project" ? "Encrypted projects" : "Encrypted conversations"}
      className="mb-3 overflow-hidden rounded-lg border empty:hidden"
    >
      {sealed.map((membership) => (
        <Row key={membership.id} membership={membership} form={form} {...filter} />
      ))}
    </ul>
  );
}

function Row({ membership, form, query, stands }: SealedListProps & { membership: Membership }) {
  const { id } = membership;
  const { state } = useRoom(id);
  const sealed = useSealedRoom(id);
  const name = nameIn(state, id);
  // What this device cannot read yet has no form; it stands with the conversations.
  if ((sealed?.form ?? "conversation") !== form || !stands(state, id)) return null;
  if (!name.toLowerCase().includes(query.toLowerCase())) return null;
  const project = state.projects[id];
  const place =
    form === "project"
      ? ({ to: "/projects/$projectId", params: { projectId: id } } as const)
      : ({ to: "/rooms/$roomId", params: { roomId: id } } as const);
  return (
    <li className="border-b last:border-0">
      <Link
        {...place}
        className="flex h-12 items-center gap-3 px-3.5 hover:bg-hover focus-visible:-outline-offset-2"
      >
        <LockKeyhole aria-hidden className="size-4 shrink-0 text-good" />
        <span className="min-w-0 flex-1 truncate font-medium">{name}</span>
        {project && project.state !== "active" && <StateChip state={project.state} />}
        <span className="text-xs text-ink-3">
          Encrypted
          {sealed && `, ${sealed.members.length} ${sealed.members.length === 1 ? "member" : "members"}`}
        </span>
      </Link>
    </li>
  );
}
