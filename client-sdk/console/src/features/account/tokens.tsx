import type { Scope, TokenCreated, TokenInfo } from "@ymera/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { type SubmitEvent, useState } from "react";

import { isAdmin } from "#/app/access";
import { useClient, useMe } from "#/app/client";
import { act, messageOf } from "#/app/errors";
import { Button } from "#/ui/button";
import { Chip } from "#/ui/chip";
import { CopyField } from "#/ui/copy-field";
import { agoOf, dayOf } from "#/ui/dates";
import { Dialog, DialogBody, DialogFooter } from "#/ui/dialog";
import { Field, Input, Select } from "#/ui/field";
import { Panel } from "#/ui/panel";
import { Skeleton } from "#/ui/states";

const SCOPE_NAMES: Readonly<Record<Scope, string>> = {
  read: "Read",
  write: "Read and write",
  admin: "Administer",
};

/** Tokens for programs that act as you. */
export function Tokens() {
  const client = useClient();
  const queries = useQueryClient();
  const [creating, setCreating] = useState(false);
  const tokens = useQuery({ queryKey: ["tokens"], queryFn: () => client.rest.tokens() });
  const revoke = async (token: TokenInfo) => {
    await client.rest.revokeToken(token.id);
    await queries.invalidateQueries({ queryKey: ["tokens"] });
  };
  return (
    <Panel
      title="Programs' tokens"
      note="A program with a token acts as you, within its scope."
      action={
        <Button size="sm" onClick={() => setCreating(true)}>
          New token
        </Button>
      }
    >
      {tokens.isError && <p className="text-danger">{messageOf(tokens.error)}</p>}
      {tokens.isPending && <Skeleton className="h-8" />}
      {tokens.data?.length === 0 && (
        <p className="text-ink-3">No tokens. Make one to connect a script or an agent.</p>
      )}
      <ul className="-my-2 empty:hidden">
        {tokens.data?.map((token) => (
          <li key={token.id} className="flex min-h-12 items-center gap-3 border-b py-2 last:border-0">
            <KeyRound aria-hidden className="size-4 shrink-0 text-ink-3" />
            <span className="min-w-0 flex-1">
              <span className="flex items-center gap-2">
                <span className="truncate font-medium">{token.name}</span>
                <Chip>{SCOPE_NAMES[token.scope]}</Chip>
              </span>
              <span className="block truncate text-xs text-ink-3">
                <span className="font-mono">{token.hint}…</span>, until {dayOf(token.expires_at)},{" "}
                {token.last_used_at ? `used ${agoOf(token.last_used_at)}` : "never used"}
              </span>
            </span>
            <Button size="sm" onClick={() => act(revoke(token), "The token could not be revoked")}>
              Revoke
            </Button>
          </li>
        ))}
      </ul>
      <Dialog
        open={creating}
        onOpenChange={setCreating}
        title="New token"
        description="For a script, a bot or an agent."
      >
        <Form done={() => setCreating(false)} />
      </Dialog>
    </Panel>
  );
}

function Form({ done }: { done: () => void }) {
  const client = useClient();
  const me = useMe();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Scope>("write");
  const [days, setDays] = useState(90);
  const [made, setMade] = useState<TokenCreated | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const create = async () => {
    setBusy(true);
    setError(null);
    try {
      setMade(await client.rest.createToken({ name: name.trim(), scope, expires_in_days: days }));
      await queries.invalidateQueries({ queryKey: ["tokens"] });
    } catch (refusal) {
      setError(messageOf(refusal));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void create();
  };
  if (made)
    return (
      <>
        <DialogBody>
          <CopyField
            label={`Token “${made.token.name}”`}
            value={made.secret}
            note="Copy it now. It cannot be shown again."
          />
        </DialogBody>
        <DialogFooter>
          <Button look="primary" onClick={done}>
            Done
          </Button>
        </DialogFooter>
      </>
    );
  return (
    <form onSubmit={submit} className="flex min-h-0 flex-col">
      <DialogBody>
        <Field label="Name" error={error} hint="What uses it.">
          {(props) => (
            <Input
              {...props}
              value={name}
              required
              maxLength={100}
              placeholder="Nightly import"
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <div className="grid grid-cols-2 gap-3">
          <Field label="Scope">
            {(props) => (
              <Select {...props} value={scope} onChange={(event) => setScope(event.target.value as Scope)}>
                <option value="read">{SCOPE_NAMES.read}</option>
                <option value="write">{SCOPE_NAMES.write}</option>
                {isAdmin(me) && <option value="admin">{SCOPE_NAMES.admin}</option>}
              </Select>
            )}
          </Field>
          <Field label="Works for">
            {(props) => (
              <Select {...props} value={days} onChange={(event) => setDays(Number(event.target.value))}>
                <option value={7}>7 days</option>
                <option value={30}>30 days</option>
                <option value={90}>90 days</option>
                <option value={366}>A year</option>
              </Select>
            )}
          </Field>
        </div>
      </DialogBody>
      <DialogFooter>
        <Button onClick={done}>Cancel</Button>
        <Button type="submit" look="primary" busy={busy} disabled={!name.trim()}>
          Make the token
        </Button>
      </DialogFooter>
    </form>
  );
}
