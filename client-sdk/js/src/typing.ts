/** Who types in a room. Everyone is forgotten a while after they last showed it. */

/** How long a sign of typing lasts, in milliseconds. */
export const TYPING_MS = 6_000;

/** A member who types, in the room itself (`thread_id` null) or in one of its threads. */
export interface TypingMember {
  readonly member_id: string;
  readonly thread_id: string | null;
}

export class TypingBoard {
  /** Immutable: a change is a new list. */
  members: readonly TypingMember[] = [];
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Takes a sign that a member types, or has stopped. */
  take(member_id: string, thread_id: string | null, typing: boolean): void {
    const key = `${member_id} ${thread_id ?? ""}`;
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    const others = this.members.filter(
      (each) => each.member_id !== member_id || each.thread_id !== thread_id,
    );
    if (typing) {
      const forget = (): void => {
        this.take(member_id, thread_id, false);
      };
      this.#timers.set(key, setTimeout(forget, TYPING_MS));
      if (others.length < this.members.length) return;
      this.members = [...others, { member_id, thread_id }];
    } else {
      if (others.length === this.members.length) return;
      this.members = others;
    }
    this.#changed();
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.members = [];
  }
}
