/**
 * Mentions: `@[name](id)` on the wire, `@name` while one writes.
 *
 * Invariant: `toWire(toDraft(text))` names the same members as `text`, as long as they are known.
 */

export interface Person {
  id: string;
  name: string;
}

const TOKEN = /@\[([^\]\n]{1,100})\]\(([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\)/g;

/** What each person is called in a draft: the name, told apart by the end of the id where two share it. */
export function handlesOf(people: readonly Person[]): Map<string, string> {
  const counts = new Map<string, number>();
  for (const { name } of people) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map(
    people.map(({ id, name }) => [id, counts.get(name) === 1 ? name : `${name} (${id.slice(-4)})`]),
  );
}

/** A text as it is written: the tokens of known people become `@name`. */
export function toDraft(text: string, people: readonly Person[]): string {
  const handles = handlesOf(people);
  return text.replace(TOKEN, (token, _name: string, id: string) =>
    handles.has(id) ? `@${handles.get(id) ?? ""}` : token,
  );
}

/** A draft as it is sent: every `@name` of a known person becomes a token. The longest name wins. */
export function toWire(draft: string, people: readonly Person[]): string {
  const ids = new Map([...handlesOf(people)].map(([id, handle]) => [handle.toLowerCase(), id]));
  if (ids.size === 0) return draft;
  const names = new Map(people.map(({ id, name }) => [id, name]));
  const handles = [...ids.keys()].sort((a, b) => b.length - a.length).map(escapeRegExp);
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_@])@(${handles.join("|")})(?![\\p{L}\\p{N}_])`, "giu");
  return draft.replace(pattern, (all, handle: string) => {
    const id = ids.get(handle.toLowerCase());
    return id === undefined ? all : `@[${(names.get(id) ?? "").replace(/[[\]]/g, " ").trim()}](${id})`;
  });
}

export interface MentionQuery {
  start: number;
  query: string;
}

/** The mention that is being written at the caret, if one is. */
export function mentionAt(draft: string, caret: number): MentionQuery | null {
  const match = /(?:^|[\s([{"'])@([\p{L}\p{N}._-]{0,40}(?: [\p{L}\p{N}._-]{0,40})?)$/u.exec(
    draft.slice(0, caret),
  );
  const query = match?.[1];
  return query === undefined ? null : { start: caret - query.length - 1, query };
}

/** The people whom a query may mean, those whose name starts with it first; at most `limit`. */
export function suggest(people: readonly Person[], query: string, limit = 6): Person[] {
  const wanted = query.toLowerCase();
  return people
    .map((person) => ({ person, score: scoreOf(person.name.toLowerCase(), wanted) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.person.name.localeCompare(b.person.name))
    .slice(0, limit)
    .map(({ person }) => person);
}

/** A draft with the mention at the caret completed, and where the caret goes. */
export function complete(
  draft: string,
  caret: number,
  mention: MentionQuery,
  handle: string,
): { draft: string; caret: number } {
  const inserted = `@${handle} `;
  const rest = draft.slice(caret).replace(/^ /, "");
  return { draft: draft.slice(0, mention.start) + inserted + rest, caret: mention.start + inserted.length };
}

/** A text in one plain line, for excerpts. */
export function plain(text: string): string {
  return text.replace(TOKEN, "@$1").replace(/\s+/g, " ").trim();
}

function scoreOf(name: string, wanted: string): number {
  if (name.startsWith(wanted)) return 3;
  if (name.split(/\s+/).some((word) => word.startsWith(wanted))) return 2;
  return 0;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
