/** All encrypted rooms of a member at once, for what the server cannot tell of them. */

import type { Client, LiveRoom, RoomState, SealedRoomView } from "@ymera/client";
import { useMemo, useSyncExternalStore } from "react";

import { useClient, useMe, useRoom } from "#/app/client";

import { nameIn } from "./name";

/** Most encrypted rooms that are looked at together. */
const MAX_ROOMS = 200;

/** An encrypted room that this device reads. */
export interface SealedPlace {
  id: string;
  name: string;
  state: RoomState;
  sealed: SealedRoomView;
}

/** What is found in several encrypted rooms. They stay open as long as somebody listens. */
export class Across<T> {
  readonly #client: Pick<Client, "room" | "sealed">;
  readonly #ids: readonly string[];
  readonly #read: (place: SealedPlace) => readonly T[];
  readonly #places = new Map<string, SealedPlace>();
  #rooms: readonly LiveRoom[] = [];
  #found: readonly T[] = [];

  /** `read` finds the same objects again where nothing has changed. */
  constructor(
    client: Pick<Client, "room" | "sealed">,
    ids: readonly string[],
    read: (place: SealedPlace) => readonly T[],
  ) {
    this.#client = client;
    this.#ids = ids;
    this.#read = read;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    const rooms = this.#ids.map((id) => this.#client.room(id));
    const stops = rooms.flatMap((room) => [
      room.subscribe(listener),
      this.#client.sealed.room(room.id).subscribe(listener),
    ]);
    this.#rooms = rooms;
    return () => {
      for (const stop of stops) stop();
      for (const room of rooms) room.close();
    };
  };

  /** The same list until something else is found. */
  readonly get = (): readonly T[] => {
    const found = this.#rooms.flatMap((room) => {
      const place = this.#placeOf(room);
      return place === null ? [] : this.#read(place);
    });
    const same = found.length === this.#found.length && found.every((each, at) => each === this.#found[at]);
    if (!same) this.#found = found;
    return this.#found;
  };

  #placeOf({ id, state }: LiveRoom): SealedPlace | null {
    const sealed = this.#client.sealed.room(id).get();
    if (sealed === null) return null;
    const known = this.#places.get(id);
    if (known?.state === state && known.sealed === sealed) return known;
    const place = { id, name: nameIn(state, id), state, sealed };
    this.#places.set(id, place);
    return place;
  }
}

/** What `read`, which stays the same function, finds in one's encrypted rooms, live. */
export function useAcross<T>(read: (place: SealedPlace) => readonly T[]): readonly T[] {
  const client = useClient();
  const me = useMe();
  const { memberships } = useRoom(me.id).state;
  // The newest have the last ids.
  const ids = Object.values(memberships)
    .flatMap(({ id, kind }) => (kind === "sealed" ? [id] : []))
    .sort()
    .slice(-MAX_ROOMS)
    .join(" ");
  const across = useMemo(
    () => new Across(client, ids === "" ? [] : ids.split(" "), read),
    [client, ids, read],
  );
  return useSyncExternalStore(across.subscribe, across.get);
}

/** One's encrypted rooms that this device reads, live. */
export function useSealedPlaces(): readonly SealedPlace[] {
  return useAcross(itself);
}

function itself(place: SealedPlace): readonly SealedPlace[] {
  return [place];
}
