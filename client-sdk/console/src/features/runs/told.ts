import type { Events, EventType, LoggedEvent } from "@ymera/client";

/** An event whose type tells what is in its data. */
export type Told = {
  [T in EventType]: Omit<LoggedEvent, "type" | "data"> & { type: T; data: Events[T] };
}[EventType];

/** The same event, as the contract has it. Of a type that the contract does not know, nothing is told. */
export function told(event: LoggedEvent): Told {
  return event as unknown as Told;
}
