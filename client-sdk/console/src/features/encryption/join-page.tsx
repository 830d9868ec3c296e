import { isYmeraError } from "@ymera/client";
import { Navigate, useRouterState } from "@tanstack/react-router";
import { Hourglass, LockKeyhole } from "lucide-react";
import { useState } from "react";

import { useMe, useRoom } from "#/app/client";
import { messageOf } from "#/app/errors";
import { PageHeader, PageTitle } from "#/app/shell";
import { useTitle } from "#/app/title";
import { Button } from "#/ui/button";
import { useSubmission } from "#/ui/form";
import { Empty } from "#/ui/states";

import { inviteLink } from "./codes";
import { Gate } from "./gate";
import { useSealed, useSealedRoom } from "./use-sealed";

interface JoinPageProps {
  inviteId: string;
  /** The room, once the invitation was answered. */
  asked: string | undefined;
}

/** `/i/id#secret`: an invitation into an encrypted room, for who has an account here. */
export function JoinPage({ inviteId, asked }: JoinPageProps) {
  useTitle("Invitation");
  const secret = useRouterState({ select: (state) => state.location.hash });
  return (
    <>
      <PageHeader title={<PageTitle>Invitation</PageTitle>} />
      {secret || asked !== undefined ? (
        <Gate>
          {asked === undefined ? <Ask inviteId={inviteId} secret={secret} /> : <Waiting room={asked} />}
        </Gate>
      ) : (
        <Empty icon={LockKeyhole} title="The link is incomplete">
          It should end in # and a long secret. Copy the whole link and open it again.
        </Empty>
      )}
    </>
  );
}

function Ask({ inviteId, secret }: { inviteId: string; secret: string }) {
  const sealed = useSealed();
  const [asked, setAsked] = useState<string | null>(null);
  const { busy, error, run } = useSubmission(async () => {
    setAsked(await sealed.acceptInvite(inviteLink(window.location.origin, inviteId, secret)));
  });
  // The secret has done its work: neither the address nor the history keeps it.
  if (asked !== null) return <Navigate to="/i/$inviteId" params={{ inviteId }} search={{ asked }} replace />;
  return (
    <Empty
      icon={LockKeyhole}
      title="You are invited to an encrypted room"
      action={
        <Button look="primary" busy={busy} onClick={run}>
          Ask to come in
        </Button>
      }
    >
      {error === null ? (
        "Its members learn that you ask. You are added when the browser in which the link was made is open; the server cannot add you."
      ) : (
        <span role="alert" className="text-danger">
          {refusalOf(error)}
        </span>
      )}
    </Empty>
  );
}

/** What was used up cannot be told from what never was. */
function refusalOf(error: unknown): string {
  if (!isYmeraError(error, "not_found")) return messageOf(error);
  return "This invitation is over, was used already, or is not for this server. Ask whoever sent it for a new one.";
}

/** Goes on by itself once one is in. */
function Waiting({ room }: { room: string }) {
  const me = useMe();
  const added = useRoom(me.id).state.memberships[room];
  const form = useSealedRoom(added ? room : null)?.form;
  if (form === "project") return <Navigate to="/projects/$projectId" params={{ projectId: room }} replace />;
  if (form === "conversation") return <Navigate to="/rooms/$roomId" params={{ roomId: room }} replace />;
  return (
    <div role="status">
      <Empty icon={Hourglass} title="You have asked to come in">
        This goes on by itself when the browser in which the link was made is open. If that takes long, ask a
        member to add you by hand. You can leave the page; the room then comes up in the menu.
      </Empty>
    </div>
  );
}
