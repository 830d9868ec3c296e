/** The shape of a rule: what one type of content means. */

import type { About, Contents, Fact, Means, Plain, Role } from "./about.js";

/** One type of content. Its payload has been validated: all fields with defaults are there. */
export interface Rule {
  /** What comes of it; throws a YmeraError where it is refused. Must depend on nothing but its arguments. */
  readonly apply: (contents: Contents, about: About, data: Plain) => readonly Fact[];
  readonly needs: Role;
  /** The field with the id of the one thing that it is about, and that its envelope's header names. */
  readonly entity: string | null;
  /** What its author adds to what was asked for. */
  readonly fill: ((contents: Contents, about: About, data: Plain, means: Means) => Plain) | null;
  /** Whether what it is about shall be erased on the server too. */
  readonly erases: boolean;
}

/** What a module says of a rule; `D` and `A` are what the shapes of its payload let through. */
export interface RuleOf<D, A> {
  readonly apply: (contents: Contents, about: About, data: D) => readonly Fact[];
  readonly needs?: Role;
  readonly entity?: string;
  readonly fill?: (contents: Contents, about: About, data: A, means: Means) => object;
  readonly erases?: boolean;
}

/** A rule. Its payloads are what their shapes say, which are made from the same types of the protocol. */
export function rule<D extends object, A extends object = D>(of: RuleOf<D, A>): Rule {
  return {
    apply: of.apply as unknown as Rule["apply"],
    needs: of.needs ?? "member",
    entity: of.entity ?? null,
    fill: (of.fill ?? null) as unknown as Rule["fill"],
    erases: of.erases ?? false,
  };
}
