import type { SealedState } from "@ymera/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronRight, KeyRound, Laptop, Monitor, Moon, Sun } from "lucide-react";
import { type SubmitEvent, useState } from "react";

import { isAdmin } from "#/app/access";
import { useClient, useMe, useMyEmail, useWorkspace } from "#/app/client";
import { act, messageOf } from "#/app/errors";
import { PageHeader, PageTitle } from "#/app/shell";
import { setTheme, type Theme, useTheme } from "#/app/theme";
import { useTitle } from "#/app/title";
import { useSealedStatus } from "#/features/encryption/use-sealed";
import { Button } from "#/ui/button";
import { Chip } from "#/ui/chip";
import { agoOf, momentOf } from "#/ui/dates";
import { Field, Input } from "#/ui/field";
import { AreaField, TextField } from "#/ui/form";
import { Panel, PanelPage } from "#/ui/panel";
import { Skeleton } from "#/ui/states";
import { Segments } from "#/ui/tabs";
import { toast } from "#/ui/toast";

import { deviceOf } from "./device";
import { Password } from "./password";
import { Tokens } from "./tokens";

/** Your account, how the console looks, and for admins the workspace. */
export function SettingsPage() {
  useTitle("Settings");
  const me = useMe();
  return (
    <>
      <PageHeader title={<PageTitle>Settings</PageTitle>} />
      <PanelPage>
        <Profile key={`me ${me.version}`} />
        <Appearance />
        <Encryption />
        <Password />
        <Sessions />
        <Tokens />
        {isAdmin(me) && <WorkspaceSettings />}
      </PanelPage>
    </>
  );
}

function Profile() {
  const client = useClient();
  const me = useMe();
  const email = useMyEmail();
  const [name, setName] = useState(me.name);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    act(
      client
        .call("member.update", { member_id: me.id, version: me.version, name: name.trim() })
        .then(() => toast("Name saved")),
      "Your name could not be changed",
    );
  };
  return (
    <Panel title="Profile">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label="Name"
          hint="As others see it."
          value={name}
          onChange={setName}
          required
          maxLength={100}
          autoComplete="name"
        />
        <Field label="Email">{(props) => <Input {...props} value={email ?? ""} readOnly disabled />}</Field>
        <Button
          type="submit"
          look="primary"
          className="self-start"
          disabled={!name.trim() || name.trim() === me.name}
        >
          Save
        </Button>
      </form>
    </Panel>
  );
}

function Appearance() {
  const theme = useTheme();
  return (
    <Panel title="Appearance" note="For this browser.">
      <Segments<Theme>
        label="Theme"
        value={theme}
        onChange={setTheme}
        choices={[
          { value: "system", label: "As the system", icon: <Monitor aria-hidden /> },
          { value: "light", label: "Light", icon: <Sun aria-hidden /> },
          { value: "dark", label: "Dark", icon: <Moon aria-hidden /> },
        ]}
      />
    </Panel>
  );
}

/** Where keys and devices are, on a page of their own. */
function Encryption() {
  const { state, codeKept, revoked } = useSealedStatus();
  return (
    <Panel title="Encryption">
      <Link
        to="/settings/encryption"
        className="-m-4 flex items-center gap-3 rounded-lg p-4 hover:bg-hover focus-visible:-outline-offset-2"
      >
        <KeyRound aria-hidden className="size-4 shrink-0 text-ink-3" />
        <span className="min-w-0 flex-1">
          <span className="block font-medium">Keys, devices and recovery code</span>
          <span className="block text-xs text-ink-3">
            {revoked ? "This device was put out." : KEYS[state]}
            {state === "ready" && codeKept === false && " The recovery code is not confirmed."}
          </span>
        </span>
        <ChevronRight aria-hidden className="size-4 text-ink-3" />
      </Link>
    </Panel>
  );
}

const KEYS: Readonly<Record<SealedState, string>> = {
  off: "Not available in this browser.",
  starting: "Opening your keys.",
  none: "You have no keys yet; encrypted rooms need them.",
  elsewhere: "You have keys, and this device is not in yet.",
  ready: "This device reads your encrypted rooms.",
};

function Sessions() {
  const client = useClient();
  const queries = useQueryClient();
  const sessions = useQuery({ queryKey: ["sessions"], queryFn: () => client.rest.sessions() });
  const revoke = async (id: string) => {
    await client.rest.revokeSession(id);
    await queries.invalidateQueries({ queryKey: ["sessions"] });
  };
  return (
    <Panel title="Sessions" note="Where you are signed in. One that you end is signed out at once.">
      {sessions.isError && <p className="text-danger">{messageOf(sessions.error)}</p>}
      {sessions.isPending && <Skeleton className="h-8" />}
      <ul className="-my-2">
        {sessions.data?.map((session) => (
          <li key={session.id} className="flex min-h-12 items-center gap-3 border-b py-2 last:border-0">
            <Laptop aria-hidden className="size-4 shrink-0 text-ink-3" />
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium" title={session.user_agent}>
                {deviceOf(session.user_agent)}
              </span>
              <span className="block truncate text-xs text-ink-3" title={momentOf(session.last_used_at)}>
                {session.address}, used {agoOf(session.last_used_at)}
              </span>
            </span>
            {session.current ? (
              <Chip tone="accent">This one</Chip>
            ) : (
              <Button size="sm" onClick={() => act(revoke(session.id), "The session could not be ended")}>
                End
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function WorkspaceSettings() {
  const workspace = useWorkspace();
  return <WorkspaceForm key={`workspace ${workspace.version}`} />;
}

function WorkspaceForm() {
  const client = useClient();
  const workspace = useWorkspace();
  const [name, setName] = useState(workspace.name);
  const [description, setDescription] = useState(workspace.description);
  const changed = name.trim() !== workspace.name || description !== workspace.description;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    act(
      client
        .call("workspace.update", { version: workspace.version, name: name.trim(), description })
        .then(() => toast("Workspace saved")),
      "The workspace could not be changed",
    );
  };
  return (
    <Panel title="Workspace" note="For everyone here.">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField label="Name" value={name} onChange={setName} required maxLength={100} />
        <AreaField
          label="Description"
          value={description}
          onChange={setDescription}
          minRows={2}
          maxRows={8}
        />
        <Button type="submit" look="primary" className="self-start" disabled={!changed || !name.trim()}>
          Save
        </Button>
      </form>
    </Panel>
  );
}
