/**
 * What somebody wants done in a room in turn, with the server's help: now, or it is said that it cannot be.
 *
 * Invariant: nothing is done later of which somebody was told that it was not done.
 */

import { localError } from "../errors.js";
import type { Lifetime } from "../lifetime.js";
import type { SealedRoom } from "./room.js";

/**
 * Does something in a room's turn. Rejects with `unavailable` where there is no connection, and as soon as that is
 * lost before the turn has come.
 */
export async function inTurn<T>(
  room: SealedRoom,
  online: Lifetime | null,
  work: () => Promise<T>,
): Promise<T> {
  const offline = localError(
    "unavailable",
    "There is no connection to the server, so nothing was changed. Try again when there is one.",
  );
  if (online === null) throw offline;
  let given = true;
  let begin = (): void => undefined;
  const lost = new Promise<never>((_resolve, reject) => {
    begin = online.onEnd(() => {
      given = false;
      reject(offline);
    });
  });
  const begun = (): Promise<T> => {
    begin();
    return given ? work() : lost;
  };
  try {
    return await Promise.race([room.do(begun), lost]);
  } finally {
    begin();
  }
}
