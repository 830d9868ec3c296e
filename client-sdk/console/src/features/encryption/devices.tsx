import type { SealedDevice } from "@ymera/client";
import { MonitorSmartphone, Plus } from "lucide-react";
import { useState } from "react";

import { act, messageOf } from "#/app/errors";
import { Button } from "#/ui/button";
import { Chip } from "#/ui/chip";
import { Confirm } from "#/ui/dialog";
import { Panel } from "#/ui/panel";
import { Skeleton } from "#/ui/states";
import { toast } from "#/ui/toast";

import { LinkDevice } from "./link-device";
import { useDevices, useSealed } from "./use-sealed";
import { shortId } from "./words";

/** The devices that read for you, and the way to put one out. */
export function Devices() {
  const sealed = useSealed();
  const devices = useDevices();
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<SealedDevice | null>(null);
  const revoke = async (device: SealedDevice) => {
    await sealed.revokeDevice(device.id);
    toast("Device put out", { detail: "Your encrypted rooms have new keys from now on." });
  };
  return (
    <Panel
      title="Your devices"
      note="Each reads all that is encrypted for you. They have numbers, in the order in which they were brought in; which is which, and when it was last used, nobody writes down."
      action={
        <Button size="sm" onClick={() => setAdding(true)}>
          <Plus aria-hidden className="size-3.5" /> Add a device
        </Button>
      }
    >
      {devices.isError && <p className="text-danger">{messageOf(devices.error)}</p>}
      {devices.isPending && <Skeleton className="h-8" />}
      <ul className="-my-2">
        {devices.data?.map((device, index) => (
          <Row key={device.id} device={device} number={index + 1} onEnd={() => setEnding(device)} />
        ))}
      </ul>
      <LinkDevice open={adding} onOpenChange={setAdding} />
      <Confirm
        open={ending !== null}
        onOpenChange={() => setEnding(null)}
        title="Put this device out?"
        description="It reads nothing that is written from now on: all your encrypted rooms get new keys. What it has read already it may still hold. It cannot be undone; the device can be added as a new one."
        action="Put it out"
        onConfirm={() => ending && act(revoke(ending), "The device could not be put out")}
      />
    </Panel>
  );
}

function Row({ device, number, onEnd }: { device: SealedDevice; number: number; onEnd: () => void }) {
  return (
    <li data-device={device.id} className="flex min-h-12 items-center gap-3 border-b py-2 last:border-0">
      <MonitorSmartphone aria-hidden className="size-4 shrink-0 text-ink-3" />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">Device {number}</span>
        <span className="block truncate font-mono text-2xs text-ink-3">{shortId(device.id)}</span>
      </span>
      {device.own ? (
        <Chip tone="accent">This one</Chip>
      ) : device.active ? (
        <Button size="sm" onClick={onEnd}>
          Put out…
        </Button>
      ) : (
        <Chip>Put out</Chip>
      )}
    </li>
  );
}
