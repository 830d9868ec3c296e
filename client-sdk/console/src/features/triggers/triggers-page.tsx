import type { Trigger, TriggerMade } from "@ymera/client";
import { CalendarClock, Plus } from "lucide-react";
import { useState } from "react";

import { useProject } from "#/features/tasks/use-project";
import { Button } from "#/ui/button";
import { Dialog } from "#/ui/dialog";
import { Empty } from "#/ui/states";

import { TriggerDialog } from "./trigger-dialog";
import { TriggerRow } from "./trigger-row";
import { WebhookSecret } from "./webhook-secret";

/** What starts runs by itself in a project: schedules, events, webhooks. */
export function TriggersPage({ projectId }: { projectId: string }) {
  const view = useProject(projectId);
  const [editing, setEditing] = useState<Trigger | null | undefined>(undefined);
  const [made, setMade] = useState<TriggerMade | null>(null);
  const triggers = Object.values(view.state.triggers).sort((a, b) => a.name.localeCompare(b.name));
  const manages = view.access.canManage && view.access.canEdit;
  const create = manages && (
    <Button look="primary" size="sm" onClick={() => setEditing(null)}>
      <Plus aria-hidden className="size-3.5" /> New trigger
    </Button>
  );
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto w-full max-w-4xl px-5 pt-5 pb-14">
        {triggers.length === 0 ? (
          <Empty icon={CalendarClock} title="Nothing starts by itself" action={create}>
            A trigger gives work to an agent at certain times, when something happens here, or when a webhook
            is called.
          </Empty>
        ) : (
          <>
            <div className="mb-3 flex items-center gap-2">
              <h2 className="flex-1 text-base font-semibold">What starts by itself</h2>
              {create}
            </div>
            <ul className="overflow-hidden rounded-lg border bg-raised">
              {triggers.map((trigger) => (
                <TriggerRow
                  key={trigger.id}
                  trigger={trigger}
                  nameOf={view.nameOf}
                  {...(manages && { onEdit: () => setEditing(trigger), onSecret: setMade })}
                />
              ))}
            </ul>
          </>
        )}
      </div>
      <TriggerDialog projectId={projectId} trigger={editing} onClose={() => setEditing(undefined)} />
      <Dialog
        open={made !== null}
        onOpenChange={() => setMade(null)}
        title={`New secret of ${made?.trigger.name ?? "the webhook"}`}
        wide
      >
        {made?.url && made.secret && (
          <WebhookSecret made={{ ...made, url: made.url, secret: made.secret }} done={() => setMade(null)} />
        )}
      </Dialog>
    </div>
  );
}
