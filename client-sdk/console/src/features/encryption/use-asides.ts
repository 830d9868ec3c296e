import { useMemo } from "react";

import type { RoomView } from "#/app/client";
import type { Scope } from "#/features/rooms/use-messages";

import { type Aside, asidesOf } from "./asides";
import { useSealedRoom } from "./use-sealed";

const NONE: readonly Aside[] = [];

/** What stands among the messages of a room's main conversation; nothing in open rooms, threads and comments. */
export function useAsides(view: RoomView, scope: Scope): readonly Aside[] {
  const main = scope.thread === undefined && scope.task === undefined;
  const sealed = useSealedRoom(main && view.room?.kind === "sealed" ? view.id : null);
  const [marks, changes] = [sealed?.marks, sealed?.changes];
  return useMemo(() => (marks && changes ? asidesOf(marks, changes) : NONE), [marks, changes]);
}
