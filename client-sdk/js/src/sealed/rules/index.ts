/**
 * The rules of sealed rooms: what the commands in their envelopes come to, on every member's device alike.
 *
 * Pure functions. `interpret` makes facts of a command, as an open room's log would hold them; `prepare` completes
 * what a person asked for; `entity` and `erases` say what goes beside it to the server. `docs/encryption.md` has
 * the table of what there is. Further types of content come in by a module with `RULES`, and their shapes by the
 * generator of `shapes`.
 */

import * as open from "../../generated/protocol.js";
import * as endings from "./endings.js";
import * as files from "./files.js";

/** What events do to all that a room holds. */
export const FOLDS: Readonly<Record<string, readonly files.ContentFold[]>> = {
  ...open.FOLDS,
  ...files.FOLDS,
  ...endings.FOLDS,
};

export { Folded, timestamp } from "./about.js";
export type { About, Contents, Fact, Means, Plain, Role } from "./about.js";
export { unassigned } from "./changes.js";
export { looks, workers } from "./engaging.js";
export { handedOver } from "./handover.js";
export { entity, erases, interpret, prepare, type SealedCommand } from "./interpreter.js";
export { erased } from "./messages.js";
