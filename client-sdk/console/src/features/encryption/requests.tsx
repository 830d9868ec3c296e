import type { SealedRequest, SealedRole, SealedRoomView } from "@ymera/client";
import { useState } from "react";

import { act } from "#/app/errors";
import { Button } from "#/ui/button";
import { Dialog } from "#/ui/dialog";
import { DialogForm, useSubmission } from "#/ui/form";

import { RoleField } from "./role-field";
import { useNameOf, useSealed } from "./use-sealed";
import { type Rights, whatNewcomersRead } from "./words";

interface Props {
  sealed: SealedRoomView;
  rights: Rights;
}

/** Those who have answered a link. Only the browser that made it can tell whether they were given it. */
export function Requests({ sealed, rights }: Props) {
  const nameOf = useNameOf();
  const [adding, setAdding] = useState<SealedRequest | null>(null);
  if (sealed.requests.length === 0) return null;
  const done = () => setAdding(null);
  return (
    <>
      <ul
        aria-label="Waiting to be added"
        className="mt-4 flex flex-col gap-2 border-t pt-3 text-xs text-ink-2"
      >
        {sealed.requests.map((request) => (
          <Row
            key={request.id}
            request={request}
            sealed={sealed}
            rights={rights}
            onAdd={() => setAdding(request)}
          />
        ))}
      </ul>
      <Dialog
        open={adding !== null}
        onOpenChange={done}
        title={`Add ${nameOf(adding?.memberId ?? null)}?`}
        description={`Whether they were given the link cannot be told here, so they are not verified then: compare a number with them. They ${whatNewcomersRead(sealed.policy)}, and the room gets a new key.`}
      >
        {adding && <AddForm request={adding} sealed={sealed} rights={rights} done={done} />}
      </Dialog>
    </>
  );
}

interface RowProps extends Props {
  request: SealedRequest;
  onAdd: () => void;
}

function Row({ request, sealed, rights, onAdd }: RowProps) {
  const engine = useSealed();
  const name = useNameOf()(request.memberId);
  const here = sealed.members.some(({ fp }) => fp === request.fp);
  const dismiss = () => act(engine.dismiss(sealed.id, request.id), "The request could not be dismissed");
  return (
    <li className="flex flex-wrap items-center gap-2">
      <p className="min-w-48 flex-1">
        {here
          ? `${name} has answered an invitation, and is in already.`
          : `${name} has answered an invitation, and is added as soon as the browser is open in which its link was made.`}
      </p>
      {rights.grants.length > 0 && (
        <span className="flex gap-2">
          {!here && (
            <Button size="sm" onClick={onAdd}>
              <span>
                Add<span className="sr-only"> {name}</span> as…
              </span>
            </Button>
          )}
          <Button size="sm" onClick={dismiss}>
            Dismiss<span className="sr-only"> the request of {name}</span>
          </Button>
        </span>
      )}
    </li>
  );
}

interface AddFormProps extends Props {
  request: SealedRequest;
  done: () => void;
}

function AddForm({ request: { id, memberId }, sealed, rights, done }: AddFormProps) {
  const engine = useSealed();
  const [role, setRole] = useState<SealedRole>("member");
  const { busy, error, onSubmit } = useSubmission(async () => {
    await engine.add(sealed.id, [{ memberId, role }]);
    await engine.dismiss(sealed.id, id);
    done();
  });
  return (
    <DialogForm action="Add" busy={busy} onSubmit={onSubmit} onCancel={done}>
      <RoleField rights={rights} error={error} value={role} onChange={setRole} />
    </DialogForm>
  );
}
