import type { RunInfo } from "@ymera/client";
import { useNavigate } from "@tanstack/react-router";
import { OctagonX, RotateCcw } from "lucide-react";
import { useState } from "react";

import { useClient } from "#/app/client";
import { act } from "#/app/errors";
import type { ProjectView } from "#/features/tasks/use-project";
import { Button } from "#/ui/button";
import { Confirm } from "#/ui/dialog";

import { canRetry, hasEnded } from "./states";

/** Stop it, or run it again. */
export function RunActions({ view, run }: { view: ProjectView; run: RunInfo }) {
  if (!view.access.canEdit) return null;
  if (!hasEnded(run.state)) return <Stop run={run} />;
  return canRetry(run.state) ? <Retry run={run} /> : null;
}

function Stop({ run }: { run: RunInfo }) {
  const client = useClient();
  const [asking, setAsking] = useState(false);
  const stop = () => {
    const optimistic = [
      { room: run.project_id, collection: "runs", patch: { id: run.id, canceling: true } },
    ] as const;
    act(client.call("run.cancel", { run_id: run.id }, { optimistic }), "The run could not be stopped");
  };
  return (
    <>
      <Button size="sm" busy={run.canceling} onClick={() => setAsking(true)} className="text-danger!">
        {!run.canceling && <OctagonX aria-hidden className="size-3.5" />}
        {run.canceling ? "Stopping…" : "Stop"}
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Stop this run?"
        description="The agent may give one last report; nothing else of it is accepted. Runs that it called for are stopped too."
        action="Stop the run"
        onConfirm={stop}
      />
    </>
  );
}

/** As a new run with the same input, which is opened. */
export function Retry({ run }: { run: RunInfo }) {
  const client = useClient();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const retry = async () => {
    setBusy(true);
    try {
      const next = await client.call("run.retry", { run_id: run.id });
      await navigate({
        to: "/projects/$projectId/runs/$runId",
        params: { projectId: next.project_id, runId: next.id },
      });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button size="sm" busy={busy} onClick={() => act(retry(), "It could not be run again")}>
      {!busy && <RotateCcw aria-hidden className="size-3.5" />} Run again
    </Button>
  );
}
