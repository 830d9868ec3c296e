/** The name and state of a sealed room itself, which its first command gives it. */

import { PROJECT_MOVES, type Project, type ProjectState, type Room } from "../../generated/protocol.js";
import { projectOf, raised, type About, type Contents, type Fact } from "./about.js";
import { conversation, openProject, project as inProject } from "./access.js";
import { changed } from "./changes.js";
import { refusal, stale } from "./refusals.js";
import { rule } from "./rule.js";

/** The fields whose steps a project's history shows. */
const TRACKED = ["name", "description", "state", "purge_at"] as const;
const STATES = Object.keys(PROJECT_MOVES) as readonly ProjectState[];

function newRoom(about: About): Room {
  return {
    id: about.room,
    version: 0,
    kind: "sealed",
    name: "",
    topic: "",
    private: true,
    archived: false,
    created_by: about.sender,
    created_at: about.at,
  };
}

function newProject(about: About): Project {
  return {
    id: about.room,
    version: 0,
    name: "",
    description: "",
    state: "active",
    created_by: about.sender,
    created_at: about.at,
    updated_at: about.at,
    purge_at: null,
  };
}

interface RoomUpdate {
  readonly room: string;
  readonly version: number | null;
  readonly name?: string;
  readonly topic?: string;
  readonly archived?: boolean;
}

/** Renames, describes, archives or reopens a conversation. */
function updateRoom(contents: Contents, about: About, data: RoomUpdate): readonly Fact[] {
  const room = conversation(contents, about, data.room);
  checkVersion("channel", room, data.version);
  const before = room ?? newRoom(about);
  const { name = before.name, topic = before.topic, archived = before.archived } = data;
  const same = name === before.name && topic === before.topic && archived === before.archived;
  if (room !== undefined && same) return [];
  const after = { ...before, name, topic, archived, version: raised(about, before) };
  return [{ type: room === undefined ? "room.created" : "room.updated", data: { room: after } }];
}

interface ProjectUpdate {
  readonly project_id: string;
  readonly version: number | null;
  readonly name?: string;
  readonly description?: string;
}

/** Renames or describes a project. */
function updateProject(contents: Contents, about: About, data: ProjectUpdate): readonly Fact[] {
  openProject(contents, about, data.project_id);
  const project = projectOf(contents, about.room);
  checkVersion("project", project, data.version);
  const { name, description } = data;
  const given = { ...(name !== undefined && { name }), ...(description !== undefined && { description }) };
  return told(about, project, given);
}

interface ProjectTransition {
  readonly project_id: string;
  readonly state: ProjectState;
  readonly version: number | null;
}

/** Moves a project to another state. */
function transitionProject(contents: Contents, about: About, data: ProjectTransition): readonly Fact[] {
  const project = inProject(contents, about, data.project_id);
  checkVersion("project", project, data.version);
  const current = project ?? newProject(about);
  const moves = PROJECT_MOVES[current.state];
  if (data.state !== current.state && !moves.includes(data.state)) {
    const allowed = STATES.filter((state) => moves.includes(state));
    const problem = `The project is ${current.state} and cannot become ${data.state}`;
    throw refusal("illegal_transition", `${problem}; it can become ${allowed.join(", ")}.`, {
      allowed,
      current,
    });
  }
  return told(about, project, { state: data.state });
}

function checkVersion(noun: string, entity: Room | Project | undefined, version: number | null): void {
  if (version !== null && entity?.version !== version) throw stale(noun, entity ?? null);
}

function told(about: About, project: Project | undefined, given: Partial<Project>): readonly Fact[] {
  const before = project ?? newProject(about);
  const wanted = { ...before, ...given };
  if (project !== undefined && changed(before, wanted, TRACKED).length === 0) return [];
  const after = { ...wanted, version: raised(about, before), updated_at: about.at };
  if (project === undefined) return [{ type: "project.created", data: { project: after } }];
  const changes = changed(before, after, TRACKED);
  return [{ type: "project.updated", data: { project: after, changes } }];
}

export const RULES = {
  "room.update": rule<RoomUpdate>({ apply: updateRoom, needs: "admin" }),
  "project.update": rule<ProjectUpdate>({ apply: updateProject, needs: "admin" }),
  "project.transition": rule<ProjectTransition>({ apply: transitionProject, needs: "admin" }),
};
