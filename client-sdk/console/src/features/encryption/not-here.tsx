import { LockKeyhole } from "lucide-react";

import { Empty } from "#/ui/states";

/** In place of a page of what the server does: it cannot, in a room that it cannot read. */
export function NotHere() {
  return (
    <Empty icon={LockKeyhole} title="Not in an encrypted room">
      The server gives out queued work and starts schedules, and it cannot read here. Agents that are members
      take the work that they are given in its tasks.
    </Empty>
  );
}
