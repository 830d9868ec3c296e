import { useQueryClient } from "@tanstack/react-query";
import { isYmeraError } from "@ymera/client";
import { useState } from "react";

import { useClient } from "#/app/client";
import { messageOf } from "#/app/errors";
import { Button } from "#/ui/button";
import { TextField, useSubmission } from "#/ui/form";
import { Panel } from "#/ui/panel";
import { toast } from "#/ui/toast";

const MIN_LENGTH = 10;

/** Changing your password. */
export function Password() {
  const client = useClient();
  const queries = useQueryClient();
  const [current, setCurrent] = useState("");
  const [wanted, setWanted] = useState("");
  const { busy, error, onSubmit } = useSubmission(async () => {
    await client.rest.changePassword({ current, new: wanted });
    setCurrent("");
    setWanted("");
    toast("Password changed");
    await queries.invalidateQueries({ queryKey: ["sessions"] });
  });
  const message = error === null ? null : messageOf(error);
  const aboutCurrent = isYmeraError(error, "forbidden");
  return (
    <Panel title="Password" note="A new one signs you out everywhere but here.">
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <TextField
          label="Current password"
          type="password"
          value={current}
          onChange={setCurrent}
          required
          autoComplete="current-password"
          error={aboutCurrent ? message : null}
        />
        <TextField
          label="New password"
          hint={`At least ${MIN_LENGTH} characters.`}
          type="password"
          value={wanted}
          onChange={setWanted}
          required
          minLength={MIN_LENGTH}
          maxLength={256}
          autoComplete="new-password"
          error={aboutCurrent ? null : message}
        />
        <Button
          type="submit"
          look="primary"
          className="self-start"
          busy={busy}
          disabled={!current || !wanted}
        >
          Change password
        </Button>
      </form>
    </Panel>
  );
}
