import { LockKeyhole } from "lucide-react";

import { Empty } from "#/ui/states";

/** In place of a page of what the server does: it cannot, in a room that it cannot read. */
export function NotHere() {
  return (
    <Empty icon={LockKeyhole} title="Not in an encrypted room">
      The server runs queues, schedules and previews, and it cannot read here. Agents that are members take
      part by themselves.
    </Empty>
  );
}
