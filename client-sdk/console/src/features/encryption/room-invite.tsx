import type { SealedRole } from "@ymera/client";
import { useState } from "react";

import { CopyField } from "#/ui/copy-field";
import { Dialog } from "#/ui/dialog";
import { DialogForm, SelectField, useSubmission } from "#/ui/form";
import { ShownOnce } from "#/ui/shown-once";

import { RoleField } from "./role-field";
import { useSealed } from "./use-sealed";
import type { Rights } from "./words";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  room: string;
  rights: Rights;
}

/** Makes a link by which members of the workspace come into an encrypted room. */
export function RoomInvite({ open, onOpenChange, room, rights }: Props) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Invite by link"
      description="For somebody who has an account here. Who answers it is added as soon as this browser is open: no other one can check the link."
    >
      <Form room={room} rights={rights} done={() => onOpenChange(false)} />
    </Dialog>
  );
}

type Hours = "24" | "72" | "168" | "720";
const HOURS: readonly (readonly [Hours, string])[] = [
  ["24", "1 day"],
  ["72", "3 days"],
  ["168", "7 days"],
  ["720", "30 days"],
];

type Uses = "1" | "5" | "25";
const USES: readonly (readonly [Uses, string])[] = [
  ["1", "One person"],
  ["5", "Five people"],
  ["25", "Twenty-five people"],
];

function Form({ room, rights, done }: Pick<Props, "room" | "rights"> & { done: () => void }) {
  const sealed = useSealed();
  const [hours, setHours] = useState<Hours>("72");
  const [uses, setUses] = useState<Uses>("1");
  const [role, setRole] = useState<SealedRole>("member");
  const [link, setLink] = useState<string | null>(null);
  const { busy, error, onSubmit } = useSubmission(async () => {
    setLink(await sealed.invite(room, { hours: Number(hours), uses: Number(uses), role }));
  });
  if (link !== null)
    return (
      <ShownOnce done={done}>
        <CopyField
          label="Invitation link"
          value={link}
          note="Send it to whom it is for, and not through this server if you can: whoever opens it first, with an account here, comes in."
        />
      </ShownOnce>
    );
  return (
    <DialogForm action="Make the link" busy={busy} onSubmit={onSubmit} onCancel={done}>
      <SelectField label="Works for" value={hours} onChange={setHours} choices={HOURS} />
      <SelectField label="For" value={uses} onChange={setUses} choices={USES} />
      <RoleField rights={rights} error={error} value={role} onChange={setRole} />
    </DialogForm>
  );
}
