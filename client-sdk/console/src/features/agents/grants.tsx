import type { AgentDetails, Grant, RoomRole } from "@ymera/client";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";

import { isAdmin, ROOM_ROLES } from "#/app/access";
import { useClient, useMe, useRoom } from "#/app/client";
import { act } from "#/app/errors";
import { useMemberships } from "#/app/sidebar";
import { GrantDialog, type GrantSubject } from "#/features/members/grant-dialog";
import { ROOM_ROLE_NAMES } from "#/features/members/roles";
import { Button } from "#/ui/button";
import { LabelDot } from "#/ui/chip";
import { momentOf } from "#/ui/dates";
import { Panel } from "#/ui/panel";

import { type SealedGrant, SealedGrantRow } from "./sealed-grants";

interface GrantsProps {
  details: AgentDetails;
  sealed: readonly SealedGrant[];
}

/** What an agent has access to; to open projects each access can be ended at once. */
export function Grants({ details, sealed }: GrantsProps) {
  const me = useMe();
  const { projects } = useMemberships();
  const [subject, setSubject] = useState<GrantSubject | null>(null);
  const { grants, member, agent } = details;
  const has = new Set(grants.map((grant) => grant.project_id));
  const open = projects.filter(({ id, role }) => role === "manager" && !has.has(id));
  const roles = new Map(projects.map(({ id, role }) => [id, role]));
  const agents = [[member.id, member.name]] as const;
  return (
    <Panel
      title="Access"
      note="It sees and does nothing outside of these."
      action={
        open.length > 0 &&
        !agent.retired && (
          <Button
            size="sm"
            onClick={() => setSubject({ members: agents, projects: open.map(({ id, name }) => [id, name]) })}
          >
            <Plus aria-hidden className="size-3.5" /> Add to a project
          </Button>
        )
      }
    >
      {grants.length + sealed.length === 0 && (
        <p className="text-ink-3">It has no access to a project or an encrypted room that you may see.</p>
      )}
      <ul className="-my-2 empty:hidden">
        {grants.map((grant) => (
          <GrantRow
            key={grant.project_id}
            grant={grant}
            agentId={member.id}
            managed={isAdmin(me) || roles.get(grant.project_id) === "manager"}
            onEdit={() =>
              setSubject({
                members: agents,
                projects: [[grant.project_id, grant.project_name]],
                role: roleOf(grant),
                until: grant.until,
                task: grant.task_id,
              })
            }
          />
        ))}
        {sealed.map((grant) => (
          <SealedGrantRow key={grant.place.id} grant={grant} />
        ))}
      </ul>
      <GrantDialog subject={subject} title={`Access of ${member.name}`} onClose={() => setSubject(null)} />
    </Panel>
  );
}

function roleOf({ role }: Grant): RoomRole {
  return ROOM_ROLES.find((each) => each === role) ?? "editor";
}

interface GrantRowProps {
  grant: Grant;
  agentId: string;
  managed: boolean;
  onEdit: () => void;
}

function GrantRow({ grant, agentId, managed, onEdit }: GrantRowProps) {
  const client = useClient();
  const queries = useQueryClient();
  const revoke = async () => {
    await client.call("project.remove_member", { project_id: grant.project_id, member_id: agentId });
    await queries.invalidateQueries({ queryKey: ["agents"] });
  };
  return (
    <li className="flex min-h-11 items-center gap-3 border-b py-2 last:border-0">
      <LabelDot label={grant.project_id} />
      <span className="min-w-0 flex-1">
        <Link
          to="/projects/$projectId"
          params={{ projectId: grant.project_id }}
          className="block truncate font-medium hover:underline"
        >
          {grant.project_name}
        </Link>
        <span className="block truncate text-xs text-ink-3">
          {ROOM_ROLE_NAMES[roleOf(grant)]}
          {grant.until && <>, until {momentOf(grant.until)}</>}
          {grant.task_id && <TaskLimit grant={grant} taskId={grant.task_id} />}
        </span>
      </span>
      {managed && (
        <>
          <Button
            size="sm"
            look="ghost"
            onClick={onEdit}
            aria-label={`Change the access to ${grant.project_name}`}
          >
            Change
          </Button>
          <Button
            size="sm"
            onClick={() => act(revoke(), "The access could not be ended")}
            aria-label={`Revoke the access to ${grant.project_name}`}
          >
            Revoke
          </Button>
        </>
      )}
    </li>
  );
}

function TaskLimit({ grant, taskId }: { grant: Grant; taskId: string }) {
  const { tasks } = useRoom(grant.project_id).state;
  return <>, for one task: {tasks[taskId]?.title ?? "…"}</>;
}
