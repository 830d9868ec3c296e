import type { Trigger, TriggerKind, TriggerMade } from "@ymera/client";
import { CalendarClock, Ellipsis, KeyRound, Pencil, Trash2, Webhook, Zap } from "lucide-react";
import { useState } from "react";

import { useClient } from "#/app/client";
import { act } from "#/app/errors";
import { Button, IconButton } from "#/ui/button";
import { Chip } from "#/ui/chip";
import { agoOf, momentOf } from "#/ui/dates";
import { Confirm } from "#/ui/dialog";
import { Menu, MenuItem, MenuSeparator } from "#/ui/menu";

import { whenOf } from "./names";

const ICONS: Readonly<Record<TriggerKind, typeof Zap>> = {
  schedule: CalendarClock,
  event: Zap,
  webhook: Webhook,
};

interface TriggerRowProps {
  trigger: Trigger;
  nameOf: (id: string | null | undefined) => string;
  /** Left out for those who may not change it. */
  onEdit?: () => void;
  onSecret?: (made: TriggerMade) => void;
}

/** A trigger: when it fires, what it starts, and how that went. */
export function TriggerRow({ trigger, nameOf, onEdit, onSecret }: TriggerRowProps) {
  const client = useClient();
  const Icon = ICONS[trigger.kind];
  const toggle = () =>
    act(
      client.call("trigger.update", {
        trigger_id: trigger.id,
        version: trigger.version,
        enabled: !trigger.enabled,
      }),
      "The trigger could not be changed",
    );
  return (
    <li className="flex items-start gap-3 border-b px-3.5 py-3 last:border-0">
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-3" />
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2">
          <span className="truncate font-medium">{trigger.name}</span>
          {!trigger.enabled && <Chip tone="warn">Stopped</Chip>}
        </p>
        <p className="mt-0.5 text-xs break-words text-ink-2">
          {whenOf(trigger)}, runs <span className="font-mono">{trigger.capability}</span>
          {trigger.agent_id && <> with {nameOf(trigger.agent_id)}</>}
        </p>
        <p className="mt-0.5 text-xs text-ink-3 tabular">{firingsOf(trigger)}</p>
        {trigger.error && <p className="mt-1 text-xs break-words text-danger">{trigger.error}</p>}
      </div>
      {onEdit && onSecret && (
        <>
          <Button
            size="sm"
            onClick={toggle}
            aria-label={`${trigger.enabled ? "Stop" : "Start"} ${trigger.name}`}
          >
            {trigger.enabled ? "Stop" : "Start"}
          </Button>
          <TriggerMenu trigger={trigger} onEdit={onEdit} onSecret={onSecret} />
        </>
      )}
    </li>
  );
}

function firingsOf({ kind, enabled, next_at, fired_at, fired }: Trigger): string {
  const parts = [];
  if (kind === "schedule" && enabled && next_at) parts.push(`Next ${momentOf(next_at)}`);
  if (fired_at) parts.push(`last ${agoOf(fired_at)}`, `${fired} ${fired === 1 ? "time" : "times"} in all`);
  else parts.push("has not fired yet");
  const text = parts.join(", ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function TriggerMenu({
  trigger,
  onEdit,
  onSecret,
}: Required<Pick<TriggerRowProps, "trigger" | "onEdit" | "onSecret">>) {
  const client = useClient();
  const [asking, setAsking] = useState<"secret" | "delete" | null>(null);
  const rotate = async () => onSecret(await client.call("trigger.rotate_secret", { trigger_id: trigger.id }));
  const remove = () =>
    act(client.call("trigger.delete", { trigger_id: trigger.id }), "The trigger could not be deleted");
  return (
    <>
      <Menu
        align="end"
        label={`Manage ${trigger.name}`}
        trigger={
          <IconButton label={`Manage ${trigger.name}`}>
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuItem icon={<Pencil />} onSelect={onEdit}>
          Change…
        </MenuItem>
        {trigger.kind === "webhook" && (
          <MenuItem icon={<KeyRound />} onSelect={() => setAsking("secret")}>
            New secret…
          </MenuItem>
        )}
        <MenuSeparator />
        <MenuItem icon={<Trash2 />} danger onSelect={() => setAsking("delete")}>
          Delete…
        </MenuItem>
      </Menu>
      <Confirm
        open={asking === "secret"}
        onOpenChange={() => setAsking(null)}
        title={`Give ${trigger.name} another secret?`}
        description="Requests that are signed with the present one are refused at once."
        action="New secret"
        onConfirm={() => act(rotate(), "The secret could not be replaced")}
      />
      <Confirm
        open={asking === "delete"}
        onOpenChange={() => setAsking(null)}
        title={`Delete ${trigger.name}?`}
        description="It fires no more. The runs that it started stay."
        action="Delete trigger"
        onConfirm={remove}
      />
    </>
  );
}
