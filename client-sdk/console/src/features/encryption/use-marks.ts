import type { Message } from "@ymera/client";
import { useMemo } from "react";

import type { RoomView } from "#/app/client";
import type { Scope } from "#/features/rooms/use-messages";

import { type MarkGroup, placed } from "./placed";
import { useSealedRoom } from "./use-sealed";

export type { MarkGroup };

/** What stands between the messages of a room's main conversation; nothing in open rooms, threads and comments. */
export function useMarks(view: RoomView, scope: Scope, messages: readonly Message[], hasOlder: boolean) {
  const main = scope.thread === undefined && scope.task === undefined;
  const marks = useSealedRoom(main && view.room?.kind === "sealed" ? view.id : null)?.marks;
  return useMemo(() => placed(messages, marks ?? [], hasOlder), [messages, marks, hasOlder]);
}
