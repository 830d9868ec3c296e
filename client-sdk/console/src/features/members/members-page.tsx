import type { Invitation, Member, PresenceStatus, WorkspaceRole } from "@ymera/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Ellipsis, Mail, MessageSquare, UserMinus, UserPlus, Users } from "lucide-react";
import { useState } from "react";

import { grantable, isAdmin } from "#/app/access";
import { useClient, useIsOnline, useMe, usePresence, useRoom, useWorkspace } from "#/app/client";
import { act, messageOf } from "#/app/errors";
import { PageHeader, PageTitle } from "#/app/shell";
import { useTitle } from "#/app/title";
import { useOpenDirect } from "#/features/rooms/open-direct";
import { Avatar } from "#/ui/avatar";
import { Button, IconButton } from "#/ui/button";
import { Chip } from "#/ui/chip";
import { dayOf } from "#/ui/dates";
import { Confirm } from "#/ui/dialog";
import { Menu, MenuChoices, MenuItem, MenuLabel, MenuSeparator } from "#/ui/menu";
import { SearchField } from "#/ui/search-field";
import { Empty, Failed, OfflineEmpty, SkeletonRows } from "#/ui/states";

import { InviteDialog } from "./invite-dialog";
import { WORKSPACE_ROLE_NAMES } from "./roles";

/** Everyone in the workspace: people and agents, who is here, and who may do what. */
export function MembersPage() {
  useTitle("Members");
  const me = useMe();
  const [query, setQuery] = useState("");
  const [inviting, setInviting] = useState(false);
  return (
    <>
      <PageHeader title={<PageTitle>Members</PageTitle>}>
        {isAdmin(me) && (
          <Button size="sm" look="primary" onClick={() => setInviting(true)}>
            <UserPlus aria-hidden className="size-3.5" /> Invite
          </Button>
        )}
      </PageHeader>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto w-full max-w-3xl px-4 pt-4 pb-10">
          <div className="mb-3 flex">
            <SearchField
              label="Find a member"
              placeholder="Find a member…"
              value={query}
              onChange={setQuery}
            />
          </div>
          <MemberList query={query} />
          {isAdmin(me) && <Invitations />}
        </div>
      </div>
      <InviteDialog open={inviting} onOpenChange={setInviting} />
    </>
  );
}

function MemberList({ query }: { query: string }) {
  const workspace = useWorkspace();
  const online = useIsOnline();
  const view = useRoom(workspace.id);
  const presence = usePresence(view.room);
  if (view.error) return <Failed message={view.error.message} />;
  if (!view.ready) return online ? <SkeletonRows /> : <OfflineEmpty />;
  const members = Object.values(view.state.members)
    .filter((member) => member.active && member.name.toLowerCase().includes(query.toLowerCase()))
    .sort((a, b) => a.name.localeCompare(b.name));
  if (members.length === 0)
    return (
      <Empty icon={Users} title={`Nobody is called “${query}”`}>
        Only part of a name is needed.
      </Empty>
    );
  return (
    <ul className="overflow-hidden rounded-lg border">
      {members.map((member) => (
        <MemberRow key={member.id} member={member} presence={presence[member.id] ?? null} />
      ))}
    </ul>
  );
}

const PRESENCE_NAMES: Readonly<Record<PresenceStatus, string>> = {
  online: "Here now",
  away: "Away",
  busy: "Busy",
};

function MemberRow({ member, presence }: { member: Member; presence: PresenceStatus | null }) {
  const me = useMe();
  const openDirect = useOpenDirect();
  return (
    <li className="flex min-h-13 items-center gap-3 border-b px-3.5 py-1.5 last:border-0 hover:bg-hover">
      <Avatar
        id={member.id}
        name={member.name}
        size="md"
        agent={member.kind === "agent"}
        presence={presence}
      />
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">
          {member.kind === "agent" ? (
            <Link to="/agents/$agentId" params={{ agentId: member.id }} className="hover:underline">
              {member.name}
            </Link>
          ) : (
            member.name
          )}
          {member.id === me.id && <span className="font-normal text-ink-3"> (you)</span>}
        </p>
        <p className="truncate text-xs text-ink-3">
          {[member.email, presence && PRESENCE_NAMES[presence]].filter(Boolean).join(" · ") ||
            `Joined ${dayOf(member.created_at)}`}
        </p>
      </div>
      {member.kind === "agent" && <Chip>Agent</Chip>}
      <span className="w-16 text-right text-xs text-ink-2">{WORKSPACE_ROLE_NAMES[member.role]}</span>
      <span className="flex w-15 justify-end">
        {member.id !== me.id && (
          <IconButton label={`Message ${member.name}`} onClick={() => openDirect([member.id])}>
            <MessageSquare />
          </IconButton>
        )}
        {isAdmin(me) && member.id !== me.id && <MemberMenu member={member} />}
      </span>
    </li>
  );
}

function MemberMenu({ member }: { member: Member }) {
  const client = useClient();
  const me = useMe();
  const workspace = useWorkspace();
  const [asking, setAsking] = useState(false);
  const setRole = (role: WorkspaceRole) => {
    const optimistic = [
      { room: workspace.id, collection: "members", patch: { id: member.id, role } },
    ] as const;
    act(
      client.call("member.set_role", { member_id: member.id, role }, { optimistic }),
      "The role could not be changed",
    );
  };
  return (
    <>
      <Menu
        align="end"
        label={`Manage ${member.name}`}
        trigger={
          <IconButton label={`Manage ${member.name}`}>
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuLabel>Role</MenuLabel>
        <MenuChoices
          value={member.role}
          choices={grantable(me).map((role) => ({ value: role, label: WORKSPACE_ROLE_NAMES[role] }))}
          onChange={setRole}
        />
        <MenuSeparator />
        <MenuItem icon={<UserMinus />} danger onSelect={() => setAsking(true)}>
          Remove…
        </MenuItem>
      </Menu>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Remove ${member.name}?`}
        description="Their sessions and tokens end at once. What they wrote stays, under their name."
        action="Remove member"
        onConfirm={() =>
          act(client.call("member.remove", { member_id: member.id }), "The member could not be removed")
        }
      />
    </>
  );
}

function Invitations() {
  const client = useClient();
  const queries = useQueryClient();
  const list = useQuery({
    queryKey: ["invitations"],
    queryFn: () => client.call("invitation.list", { open: true, limit: 100 }).then((page) => page.items),
  });
  if (list.isError) return <p className="mt-6 text-xs text-danger">{messageOf(list.error)}</p>;
  if (!list.data || list.data.length === 0) return null;
  const withdraw = async (invitation: Invitation) => {
    await client.call("invitation.remove", { invitation_id: invitation.id });
    await queries.invalidateQueries({ queryKey: ["invitations"] });
  };
  return (
    <section aria-label="Open invitations" className="mt-8">
      <h2 className="mb-2 text-base font-semibold">Open invitations</h2>
      <ul className="overflow-hidden rounded-lg border">
        {list.data.map((invitation) => (
          <li key={invitation.id} className="flex h-12 items-center gap-3 border-b px-3.5 last:border-0">
            <Mail aria-hidden className="size-4 text-ink-3" />
            <span className="min-w-0 flex-1 truncate">{invitation.email ?? "Whoever has the link"}</span>
            <span className="text-xs text-ink-3">
              {WORKSPACE_ROLE_NAMES[invitation.role]}, until {dayOf(invitation.expires_at)}
            </span>
            <Button
              size="sm"
              look="ghost"
              onClick={() => act(withdraw(invitation), "The invitation could not be withdrawn")}
            >
              Withdraw
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
