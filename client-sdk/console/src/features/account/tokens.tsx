import type { Scope, TokenCreated, TokenInfo } from "@ymera/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";

import { isAdmin } from "#/app/access";
import { useClient, useMe } from "#/app/client";
import { act, messageOf } from "#/app/errors";
import { Button } from "#/ui/button";
import { Chip } from "#/ui/chip";
import { CopyField } from "#/ui/copy-field";
import { agoOf, dayOf } from "#/ui/dates";
import { Dialog } from "#/ui/dialog";
import { DialogForm, SelectField, TextField, useSubmission } from "#/ui/form";
import { Panel } from "#/ui/panel";
import { ShownOnce } from "#/ui/shown-once";
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

type Days = "7" | "30" | "90" | "366";

const DAYS: readonly (readonly [Days, string])[] = [
  ["7", "7 days"],
  ["30", "30 days"],
  ["90", "90 days"],
  ["366", "A year"],
];

function Form({ done }: { done: () => void }) {
  const client = useClient();
  const me = useMe();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Scope>("write");
  const [days, setDays] = useState<Days>("90");
  const [made, setMade] = useState<TokenCreated | null>(null);
  const { busy, error, onSubmit } = useSubmission(async () => {
    setMade(await client.rest.createToken({ name: name.trim(), scope, expires_in_days: Number(days) }));
    await queries.invalidateQueries({ queryKey: ["tokens"] });
  });
  if (made) return <Secret token={made} done={done} />;
  const scopes = (["read", "write", "admin"] as const).filter((each) => each !== "admin" || isAdmin(me));
  return (
    <DialogForm
      action="Make the token"
      busy={busy}
      disabled={!name.trim()}
      onSubmit={onSubmit}
      onCancel={done}
    >
      <TextField
        label="Name"
        hint="What uses it."
        error={error ? messageOf(error) : null}
        value={name}
        onChange={setName}
        required
        maxLength={100}
        placeholder="Nightly import"
      />
      <div className="grid grid-cols-2 gap-3">
        <SelectField
          label="Scope"
          value={scope}
          onChange={setScope}
          choices={scopes.map((each) => [each, SCOPE_NAMES[each]])}
        />
        <SelectField label="Works for" value={days} onChange={setDays} choices={DAYS} />
      </div>
    </DialogForm>
  );
}

function Secret({ token, done }: { token: TokenCreated; done: () => void }) {
  return (
    <ShownOnce done={done}>
      <CopyField
        label={`Token “${token.token.name}”`}
        value={token.secret}
        note="Copy it now. It cannot be shown again."
      />
    </ShownOnce>
  );
}
