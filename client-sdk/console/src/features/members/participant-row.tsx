import type { Participant, PresenceStatus, RoomRole } from "@ymera/client";
import { Link } from "@tanstack/react-router";
import { CalendarClock, Ellipsis, UserMinus } from "lucide-react";

import { ROOM_ROLES } from "#/app/access";
import { useMe } from "#/app/client";
import { Avatar } from "#/ui/avatar";
import { IconButton } from "#/ui/button";
import { momentOf } from "#/ui/dates";
import { Menu, MenuChoices, MenuItem, MenuLabel, MenuSeparator } from "#/ui/menu";

import { ROOM_ROLE_NAMES } from "./roles";

interface ParticipantRowProps {
  person: Participant;
  presence: PresenceStatus | null;
  /** The title of the one task that the membership is for. */
  task?: string | undefined;
  onRole?: (role: RoomRole) => void;
  /** Asked to set until when, and for what. */
  onLimit?: () => void;
  onRemove?: () => void;
}

/** A member of a project or channel, with its role there. */
export function ParticipantRow({ person, presence, task, onRole, onLimit, onRemove }: ParticipantRowProps) {
  const me = useMe();
  return (
    <li className="flex min-h-11 items-center gap-3 border-b py-1 last:border-0">
      <Avatar
        id={person.id}
        name={person.name}
        size="md"
        agent={person.kind === "agent"}
        presence={presence}
      />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">
          {person.kind === "agent" ? (
            <Link to="/agents/$agentId" params={{ agentId: person.id }} className="hover:underline">
              {person.name}
            </Link>
          ) : (
            person.name
          )}
          {person.id === me.id && <span className="font-normal text-ink-3"> (you)</span>}
          {presence && <span className="sr-only">, {presence}</span>}
        </span>
        {(person.until ?? person.task_id) && (
          <span className="block truncate text-xs text-ink-3">
            {[
              person.until && `Until ${momentOf(person.until)}`,
              person.task_id && `For one task: ${task ?? "a deleted one"}`,
            ]
              .filter(Boolean)
              .join(". ")}
          </span>
        )}
      </span>
      <span className="text-xs text-ink-3">{ROOM_ROLE_NAMES[person.role]}</span>
      {(onRole ?? onRemove) && (
        <Menu
          align="end"
          label={`Role of ${person.name}`}
          trigger={
            <IconButton label={`Change ${person.name}`} size="xs">
              <Ellipsis />
            </IconButton>
          }
        >
          {onRole && (
            <>
              <MenuLabel>Role here</MenuLabel>
              <MenuChoices
                value={person.role}
                choices={ROOM_ROLES.map((role) => ({ value: role, label: ROOM_ROLE_NAMES[role] }))}
                onChange={onRole}
              />
            </>
          )}
          {onLimit && (
            <MenuItem icon={<CalendarClock />} onSelect={onLimit}>
              For a time, or one task…
            </MenuItem>
          )}
          {onRole && onRemove && <MenuSeparator />}
          {onRemove && (
            <MenuItem icon={<UserMinus />} danger onSelect={onRemove}>
              Remove from here
            </MenuItem>
          )}
        </Menu>
      )}
    </li>
  );
}
