import { useNavigate } from "@tanstack/react-router";

import { useClient } from "#/app/client";
import { report } from "#/app/errors";

/** Goes to the conversation with these members; the server makes it if there is none. */
export function useOpenDirect(): (members: string[]) => void {
  const client = useClient();
  const navigate = useNavigate();
  return (members) => {
    client
      .call("room.create", { kind: "direct", members })
      .then((room) => navigate({ to: "/rooms/$roomId", params: { roomId: room.id } }))
      .catch((error: unknown) => report("The conversation could not be opened", error));
  };
}
