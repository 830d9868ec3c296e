import type { PresenceStatus, SealedMember, SealedRole, SealedRoomView } from "@ymera/client";
import { Link } from "@tanstack/react-router";
import { BadgeCheck, Ellipsis, Link2, ShieldCheck, UserMinus, UserPlus } from "lucide-react";
import { useState } from "react";

import { type RoomView, useMe, usePresence, useRoom, useWorkspace } from "#/app/client";
import { act } from "#/app/errors";
import { Avatar } from "#/ui/avatar";
import { Button, IconButton } from "#/ui/button";
import { Confirm, Dialog } from "#/ui/dialog";
import { DialogForm, useSubmission } from "#/ui/form";
import { Menu, MenuChoices, MenuItem, MenuLabel, MenuSeparator } from "#/ui/menu";
import { Panel } from "#/ui/panel";

import { KeyedPeoplePicker } from "./keyed-people-picker";
import { Requests } from "./requests";
import { RoleField } from "./role-field";
import { RoomInvite } from "./room-invite";
import { TrustChip } from "./trust-mark";
import { useNameOf, useSealed, useSealedStatus } from "./use-sealed";
import { type Verified, VerifyDialog } from "./verify-dialog";
import { type Rights, rightsIn, SEALED_ROLE_NAMES, SEALED_ROLES, whatNewcomersRead } from "./words";

interface Props {
  view: RoomView;
  sealed: SealedRoomView;
}

/** Who can read an encrypted room, and whether it is known that they are who they seem. */
export function SealedMembers({ view, sealed }: Props) {
  const nameOf = useNameOf();
  const rights = rightsIn(sealed, useSealedStatus().me?.fp ?? null);
  const presence = usePresence(view.room);
  const [open, setOpen] = useState<"add" | "invite" | null>(null);
  const [verifying, setVerifying] = useState<Verified | null>(null);
  const [removing, setRemoving] = useState<SealedMember | null>(null);
  const engine = useSealed();
  return (
    <Panel
      title="Members"
      note={
        sealed.members.length === 1 ? "Only you can read here." : `${sealed.members.length} can read here.`
      }
      action={
        rights.grants.length > 0 && (
          <>
            <Button size="sm" onClick={() => setOpen("invite")}>
              <Link2 aria-hidden className="size-3.5" /> Invite by link
            </Button>
            <Button size="sm" onClick={() => setOpen("add")}>
              <UserPlus aria-hidden className="size-3.5" /> Add
            </Button>
          </>
        )
      }
    >
      <ul className="-my-2">
        {sealed.members.map((member) => (
          <Row
            key={member.fp}
            room={sealed.id}
            member={member}
            rights={rights}
            presence={presence[member.memberId ?? ""] ?? null}
            onVerify={setVerifying}
            onRemove={() => setRemoving(member)}
          />
        ))}
      </ul>
      <Requests sealed={sealed} rights={rights} />
      <AddDialog open={open === "add"} onOpenChange={() => setOpen(null)} sealed={sealed} rights={rights} />
      <RoomInvite
        open={open === "invite"}
        onOpenChange={() => setOpen(null)}
        room={sealed.id}
        rights={rights}
      />
      <VerifyDialog person={verifying} onClose={() => setVerifying(null)} />
      <Confirm
        open={removing !== null}
        onOpenChange={() => setRemoving(null)}
        title={`Remove ${nameOf(removing?.memberId ?? null)}?`}
        description="The room gets a new key at once, so they read nothing that is written from now on. What they have read, they may have kept."
        action="Remove"
        onConfirm={() =>
          removing && act(engine.remove(sealed.id, [removing.fp]), "The member could not be removed")
        }
      />
    </Panel>
  );
}

interface RowProps {
  room: string;
  member: SealedMember;
  rights: Rights;
  presence: PresenceStatus | null;
  onVerify: (person: Verified) => void;
  onRemove: () => void;
}

function Row({ presence, ...rest }: RowProps) {
  const me = useMe();
  const nameOf = useNameOf();
  const { member } = rest;
  const { memberId, trust, agent } = member;
  const own = memberId === me.id;
  const name = nameOf(memberId);
  return (
    <li data-member={name} className="flex min-h-12 items-center gap-2.5 border-b py-1.5 last:border-0">
      <Avatar id={memberId ?? member.fp} name={name} size="md" agent={agent} presence={presence} />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">
          {agent && memberId ? (
            <Link to="/agents/$agentId" params={{ agentId: memberId }} className="hover:underline">
              {name}
            </Link>
          ) : (
            name
          )}
          {own && <span className="font-normal text-ink-3"> (you)</span>}
          {presence && <span className="sr-only">, {presence}</span>}
        </span>
        <span className="block truncate text-xs text-ink-3">{detailOf(member, nameOf)}</span>
      </span>
      {!own && <TrustChip trust={trust} />}
      <span className="text-xs text-ink-3">{SEALED_ROLE_NAMES[member.role]}</span>
      {!own && <RowMenu {...rest} name={name} />}
    </li>
  );
}

/** What can be done about a member. */
function RowMenu({
  room,
  member,
  name,
  rights,
  onVerify,
  onRemove,
}: Omit<RowProps, "presence"> & { name: string }) {
  const engine = useSealed();
  const ownsAgent = useOwnsAgent();
  const { memberId, role, trust } = member;
  const vouches = member.owner === null && ownsAgent(memberId);
  const vouch = () => memberId && act(engine.endorseAgent(memberId), "You could not vouch for the agent");
  const setRole = (next: SealedRole) =>
    act(engine.setRole(room, member.fp, next), "The role could not be changed");
  return (
    <Menu
      align="end"
      label={`What to do about ${name}`}
      trigger={
        <IconButton label={`Change ${name}`} size="xs">
          <Ellipsis />
        </IconButton>
      }
    >
      {memberId !== null && (
        <MenuItem icon={<ShieldCheck />} onSelect={() => onVerify({ memberId, name, trust })}>
          Verify…
        </MenuItem>
      )}
      {vouches && (
        <MenuItem icon={<BadgeCheck />} onSelect={vouch}>
          Vouch for it as your agent
        </MenuItem>
      )}
      {rights.changesRoles && (
        <>
          <MenuSeparator />
          <MenuLabel>Role here</MenuLabel>
          <MenuChoices
            value={role}
            choices={SEALED_ROLES.map((each) => ({ value: each, label: SEALED_ROLE_NAMES[each] }))}
            onChange={setRole}
          />
        </>
      )}
      {rights.removes(member) && (
        <>
          <MenuSeparator />
          <MenuItem icon={<UserMinus />} danger onSelect={onRemove}>
            Remove…
          </MenuItem>
        </>
      )}
    </Menu>
  );
}

/** Whether one owns an agent, as the workspace has it. */
function useOwnsAgent(): (agentId: string | null) => boolean {
  const me = useMe();
  const workspace = useWorkspace();
  const { agents } = useRoom(me.role === "guest" ? me.id : workspace.id).state;
  return (agentId) => agents[agentId ?? ""]?.owner_id === me.id;
}

function detailOf(member: SealedMember, nameOf: (id: string | null) => string): string {
  const active = member.devices.filter((device) => device.active).length;
  const devices = active === 1 ? "1 device" : `${active} devices`;
  if (!member.agent) return devices;
  const owner =
    member.owner === null ? "its owner has not vouched for it" : `agent of ${nameOf(member.owner)}`;
  return `${owner}, ${devices}`;
}

interface AddProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  sealed: SealedRoomView;
  rights: Rights;
}

function AddDialog({ open, onOpenChange, sealed, rights }: AddProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Add members"
      description={`They ${whatNewcomersRead(sealed.policy)}, and the room gets a new key.`}
    >
      <AddForm sealed={sealed} rights={rights} done={() => onOpenChange(false)} />
    </Dialog>
  );
}

function AddForm({ sealed, rights, done }: { sealed: SealedRoomView; rights: Rights; done: () => void }) {
  const engine = useSealed();
  const [chosen, setChosen] = useState<string[]>([]);
  const [role, setRole] = useState<SealedRole>("member");
  // Whoever has begun anew is added again once their old keys are out: beside them they count as a stranger.
  const here = sealed.members.flatMap(({ memberId }) => memberId ?? []);
  const { busy, error, onSubmit } = useSubmission(async () => {
    await engine.add(
      sealed.id,
      chosen.map((memberId) => ({ memberId, role })),
    );
    done();
  });
  return (
    <DialogForm action="Add" busy={busy} disabled={chosen.length === 0} onSubmit={onSubmit} onCancel={done}>
      <KeyedPeoplePicker label="People and agents" chosen={chosen} onChange={setChosen} without={here} />
      <RoleField rights={rights} error={error} value={role} onChange={setRole} />
    </DialogForm>
  );
}
