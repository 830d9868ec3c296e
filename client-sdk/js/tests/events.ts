/** Events to fold in tests. */

import type { LoggedEvent } from "../src/index.js";

export const ME = "me";

export function event(
  seq: number,
  type: string,
  data: Record<string, unknown>,
  { room = "apollo", actor = ME }: { room?: string; actor?: string | null } = {},
): LoggedEvent {
  return { room, seq, type, at: "2026-03-01T09:00:00Z", actor, data };
}
