import { bytesOf } from "#/ui/amounts";
import { Meter } from "#/ui/meter";

import { useQuota } from "./use-files";

/** How much of its space a room's files take. */
export function QuotaMeter({ room }: { room: string }) {
  const quota = useQuota(room);
  if (!quota.data) return null;
  const { room: space, member } = quota.data;
  const used = space.bytes + space.reserved;
  const share = space.limit === 0 ? 1 : used / space.limit;
  const words = `${bytesOf(used)} of ${bytesOf(space.limit)} used`;
  const sent = member.bytes + member.reserved;
  return (
    <footer className="flex h-9 shrink-0 items-center gap-3 border-t px-4 text-xs text-ink-3">
      <span className="w-24 shrink-0">
        <Meter
          label="Space"
          share={share}
          words={words}
          tone={share > 0.95 ? "danger" : share > 0.8 ? "warn" : "accent"}
        />
      </span>
      <span className="tabular">{words}</span>
      {sent > 0.8 * member.limit && (
        <span className="truncate text-warn tabular">
          You have sent {bytesOf(sent)} of {bytesOf(member.limit)} in 24 hours
        </span>
      )}
    </footer>
  );
}
