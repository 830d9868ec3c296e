import type { Participant, PresenceStatus, RoomRole } from "@ymera/client";
import { Ellipsis, UserMinus } from "lucide-react";

import { ROOM_ROLES } from "#/app/access";
import { useMe } from "#/app/client";
import { Avatar } from "#/ui/avatar";
import { IconButton } from "#/ui/button";
import { Menu, MenuChoices, MenuItem, MenuLabel, MenuSeparator } from "#/ui/menu";

import { ROOM_ROLE_NAMES } from "./roles";

interface ParticipantRowProps {
  person: Participant;
  presence: PresenceStatus | null;
  onRole?: (role: RoomRole) => void;
  onRemove?: () => void;
}

/** A member of a project or channel, with its role there. */
export function ParticipantRow({ person, presence, onRole, onRemove }: ParticipantRowProps) {
  const me = useMe();
  return (
    <li className="flex h-11 items-center gap-3 border-b last:border-0">
      <Avatar
        id={person.id}
        name={person.name}
        size="md"
        agent={person.kind === "agent"}
        presence={presence}
      />
      <span className="min-w-0 flex-1 truncate font-medium">
        {person.name}
        {person.id === me.id && <span className="font-normal text-ink-3"> (you)</span>}
        {presence && <span className="sr-only">, {presence}</span>}
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
