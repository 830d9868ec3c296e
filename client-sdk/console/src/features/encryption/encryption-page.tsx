import { Link } from "@tanstack/react-router";
import { CircleCheck, Siren } from "lucide-react";

import { PageHeader, PageTitle } from "#/app/shell";
import { useTitle } from "#/app/title";
import { Facts, Fact } from "#/ui/facts";
import { Panel, PanelPage } from "#/ui/panel";

import { Devices } from "./devices";
import { InTheClear } from "./in-the-clear";
import { UnkeptCode } from "./recovery-code";
import { Setup } from "./setup";
import { TypeCode } from "./type-code";
import { useSealedStatus } from "./use-sealed";

/** Your keys: the recovery code, your devices, and what is known to be wrong. */
export function EncryptionPage() {
  useTitle("Encryption");
  return (
    <>
      <PageHeader
        title={
          <>
            <Link to="/settings" className="rounded-sm text-sm text-ink-3 hover:text-ink">
              Settings
            </Link>
            <span aria-hidden className="text-ink-3">
              /
            </span>
            <PageTitle>Encryption</PageTitle>
          </>
        }
      />
      <PanelPage>
        <Alarms />
        <Setup frame={(step) => <Panel title="This device">{step}</Panel>}>
          <Recovery />
          <Devices />
        </Setup>
        <InTheClear />
      </PanelPage>
    </>
  );
}

function Alarms() {
  const { alarms } = useSealedStatus();
  if (alarms.length === 0) return null;
  return (
    <section
      role="alert"
      aria-label="Alarms"
      className="flex gap-3 rounded-lg border border-danger/40 bg-danger-soft p-4 text-sm"
    >
      <Siren aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
      <div className="min-w-0">
        <h2 className="font-semibold text-danger">Something that no honest server does</h2>
        <ul className="mt-1 flex flex-col gap-1">
          {alarms.map(({ fp, fault, message }) => (
            <li key={`${fp} ${fault}`}>
              {message} <span className="font-mono text-2xs text-ink-3">{fault}</span>
            </li>
          ))}
        </ul>
        <p className="mt-2 text-ink-2">
          Tell whoever runs this server, by another way than this one. Until it is cleared up, write nothing
          here that others must not see.
        </p>
      </div>
    </section>
  );
}

/** The recovery code as this device knows of it: to be kept, kept, or a matter of another device. */
function Code() {
  const { codeKept, backedUp } = useSealedStatus();
  if (codeKept === false) return <UnkeptCode />;
  if (codeKept === true && backedUp)
    return (
      <p className="flex items-center gap-2 text-sm">
        <CircleCheck aria-hidden className="size-4 text-good" /> You have it. It cannot be shown again.
      </p>
    );
  return <TypeCode />;
}

function Recovery() {
  const { backedUp, me } = useSealedStatus();
  return (
    <Panel title="Recovery code" note="Opens what is encrypted for you when every device is lost.">
      <Code />
      <div className="mt-4 border-t pt-3">
        <Facts>
          <Fact name="Backup">
            {backedUp
              ? "The keys of your rooms lie on the server, encrypted with the code."
              : "The keys of your rooms are on your devices only."}
          </Fact>
          {me && (
            <Fact name="Your keys">
              <span className="font-mono text-xs break-all">{me.fp}</span>
            </Fact>
          )}
        </Facts>
      </div>
    </Panel>
  );
}
