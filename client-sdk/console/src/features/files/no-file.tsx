import { FileX2, Hourglass } from "lucide-react";
import { useEffect, useMemo } from "react";

import { useMemberships } from "#/app/sidebar";
import { Gate } from "#/features/encryption/gate";
import { isReadUp, useSealedRooms } from "#/features/encryption/use-sealed";
import { Empty } from "#/ui/states";

/** Changes come in bursts while a room is read; one look for all of them. */
const SETTLE_MS = 400;

interface NoFileProps {
  /** Looks for the file once more. */
  onLook: () => unknown;
}

/** In place of a file that was not found, which may lie in an encrypted room that was not read here yet. */
export function NoFile({ onLook }: NoFileProps) {
  const { sealed } = useMemberships();
  if (sealed.length === 0) return <Gone />;
  return (
    <Gate note="The file was not found among what can be read here. If it lies in an encrypted room, it opens once this device can read it.">
      <Sought onLook={onLook} />
    </Gate>
  );
}

function Sought({ onLook }: NoFileProps) {
  const { sealed } = useMemberships();
  const rooms = useSealedRooms(useMemo(() => sealed.map(({ id }) => id), [sealed]));
  useEffect(() => {
    const timer = setTimeout(onLook, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [rooms, onLook]);
  const unread = rooms.filter((room) => !isReadUp(room)).length;
  return <div role="status">{unread > 0 ? <NotYet unread={unread} /> : <Gone />}</div>;
}

function NotYet({ unread }: { unread: number }) {
  return (
    <Empty icon={Hourglass} title="The file was not found so far">
      {unread === 1 ? "An encrypted room is" : `${unread} encrypted rooms are`} still being read on this
      device. If the file lies there, it opens by itself.
    </Empty>
  );
}

function Gone() {
  return (
    <Empty icon={FileX2} title="There is no such file">
      It was deleted for good, or you have no access to it.
    </Empty>
  );
}
