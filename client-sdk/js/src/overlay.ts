/**
 * Optimism: what pending commands will probably do, laid over the confirmed state until it is known.
 *
 * Invariant: the shown state is the confirmed one with the layers of the unsettled commands on
 * top, in the order in which they were called. A refused command's layers go at once, so the
 * state rolls back to the truth.
 */

import { Draft, type RoomState } from "./fold.js";
import type { CollectionName, Collections, LoggedEvent } from "./generated/protocol.js";

type ChangeIn<C extends CollectionName> = { readonly room: string; readonly collection: C } & (
  | { readonly entity: Collections[C] }
  | { readonly patch: Partial<Collections[C]> & { readonly id: string } }
  | { readonly drop: string }
);

/** What a command will probably do to a room: put an `entity`, `patch` one by its id, or `drop` an id. */
export type OptimisticChange = { [C in CollectionName]: ChangeIn<C> }[CollectionName];

/** How long a layer outlives its command's ack when the command's event does not come. */
export const LINGER_MS = 2_000;

interface Layer {
  readonly commandId: string;
  readonly changes: readonly OptimisticChange[];
  /** The room's cursor when the command was first sent; null before. */
  sentAt: number | null;
  acknowledged: boolean;
  /** An event of the sender has been applied since, which with one command a room at a time is its own. */
  confirmed: boolean;
}

export class Overlays {
  readonly #layers = new Map<string, Layer[]>();

  /** Lays a command's changes over their rooms. Returns the rooms concerned. */
  add(commandId: string, changes: readonly OptimisticChange[]): Set<string> {
    const rooms = new Set(changes.map((change) => change.room));
    for (const room of rooms) {
      const layers = this.#layers.get(room) ?? [];
      this.#layers.set(room, layers);
      layers.push({
        commandId,
        changes: changes.filter((change) => change.room === room),
        sentAt: null,
        acknowledged: false,
        confirmed: false,
      });
    }
    return rooms;
  }

  /** Notes that a command goes out now; `cursorOf` tells where each room stands. */
  sent(commandId: string, cursorOf: (room: string) => number): void {
    for (const [room, layers] of this.#layers) {
      for (const layer of layers) {
        if (layer.commandId === commandId) layer.sentAt ??= cursorOf(room);
      }
    }
  }

  /** Notes that a command was carried out. Returns the rooms where its layer could go at once. */
  acknowledged(commandId: string): Set<string> {
    for (const layers of this.#layers.values()) {
      for (const layer of layers) if (layer.commandId === commandId) layer.acknowledged = true;
    }
    return this.#remove((layer) => layer.commandId === commandId && layer.confirmed);
  }

  /** Notes that these events of a room were applied; drops the layers that they made true. */
  applied(room: string, events: readonly LoggedEvent[], me: string | null): void {
    for (const layer of this.#layers.get(room) ?? []) {
      const since = layer.sentAt;
      if (since === null) continue;
      layer.confirmed ||= events.some((event) => event.actor === me && event.seq > since);
    }
    this.#remove((layer) => layer.acknowledged && layer.confirmed, room);
  }

  /** Drops a command's layers. Returns the rooms concerned. */
  remove(commandId: string): Set<string> {
    return this.#remove((layer) => layer.commandId === commandId);
  }

  /** Drops every layer. */
  clear(): void {
    this.#layers.clear();
  }

  /** A room's confirmed state as it is to be shown. */
  show(room: string, confirmed: RoomState): RoomState {
    const layers = this.#layers.get(room);
    if (layers === undefined) return confirmed;
    const draft = new Draft(confirmed);
    for (const layer of layers) for (const change of layer.changes) lay(draft, change);
    return draft.finish();
  }

  #remove(gone: (layer: Layer) => boolean, only?: string): Set<string> {
    const changed = new Set<string>();
    for (const [room, layers] of this.#layers) {
      if (only !== undefined && room !== only) continue;
      const kept = layers.filter((layer) => !gone(layer));
      if (kept.length === layers.length) continue;
      changed.add(room);
      if (kept.length > 0) this.#layers.set(room, kept);
      else this.#layers.delete(room);
    }
    return changed;
  }
}

function lay(draft: Draft, change: OptimisticChange): void {
  if ("entity" in change) draft.put(change.collection, change.entity);
  else if ("patch" in change) draft.patch(change.collection, change.patch);
  else draft.drop(change.collection, change.drop);
}
