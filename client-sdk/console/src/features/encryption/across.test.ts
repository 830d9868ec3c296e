import { type Client, EMPTY_STATE, type LiveRoom, type RoomState, type SealedRoomView } from "@ymera/client";
import { expect, it, vi } from "vitest";

import { Across, type SealedPlace } from "./across";

/** A client with encrypted rooms that hold what the test says, and which of them are open. */
class Rooms {
  readonly states = new Map<string, RoomState>();
  readonly views = new Map<string, SealedRoomView>();
  readonly open = new Set<string>();
  readonly #ofStates = new Set<() => void>();
  readonly #ofViews = new Set<() => void>();

  set(id: string, name: string): void {
    const rooms = { [id]: { id, name, archived: false } };
    this.states.set(id, { ...EMPTY_STATE, rooms } as unknown as RoomState);
    for (const listener of this.#ofStates) listener();
  }

  read(id: string): void {
    this.views.set(id, { id } as SealedRoomView);
    for (const listener of this.#ofViews) listener();
  }

  get client(): Pick<Client, "room" | "sealed"> {
    const { states, views, open } = this;
    const room = (id: string) => {
      open.add(id);
      return {
        id,
        subscribe: to(this.#ofStates),
        close: () => open.delete(id),
        get state() {
          return states.get(id) ?? EMPTY_STATE;
        },
      } as unknown as LiveRoom;
    };
    const sealed = {
      room: (id: string) => ({ subscribe: to(this.#ofViews), get: () => views.get(id) ?? null }),
    };
    return { room, sealed } as unknown as Pick<Client, "room" | "sealed">;
  }
}

function to(listeners: Set<() => void>): (listener: () => void) => () => void {
  return (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
}

function namesOf(places: readonly SealedPlace[]): string[] {
  return places.map(({ name }) => name);
}

it("finds what the rooms hold that this device reads, and tells of every change", () => {
  const rooms = new Rooms();
  const across = new Across(rooms.client, ["a", "b"], (place) => [place]);
  const listener = vi.fn();
  const stop = across.subscribe(listener);
  const told = (change: () => void): string[] => {
    listener.mockClear();
    change();
    expect(listener).toHaveBeenCalled();
    return namesOf(across.get());
  };
  expect(told(() => rooms.set("a", "Plans"))).toEqual([]);
  expect(told(() => rooms.read("a"))).toEqual(["Plans"]);
  expect(told(() => rooms.read("b"))).toEqual(["Plans", "Encrypted room"]);
  expect(told(() => rooms.set("b", "Apollo"))).toEqual(["Plans", "Apollo"]);
  stop();
  expect(rooms.open.size).toBe(0);
});

it("gives the same list until something else is found", () => {
  const rooms = new Rooms();
  rooms.set("a", "Plans");
  rooms.read("a");
  const across = new Across(rooms.client, ["a", "b"], (place) => [place]);
  across.subscribe(() => undefined);
  const found = across.get();
  expect(across.get()).toBe(found);
  rooms.set("b", "Nobody reads this");
  expect(across.get()).toBe(found);
  rooms.set("a", "Plans, anew");
  expect(across.get()).not.toBe(found);
});
