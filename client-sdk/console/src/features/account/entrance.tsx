import { useQuery } from "@tanstack/react-query";
import { Link, useRouterState } from "@tanstack/react-router";
import type { SubmitEvent, ReactNode } from "react";

import { useClient, useStatus } from "#/app/client";
import { useTitle } from "#/app/title";
import { Button } from "#/ui/button";
import { Field, Input } from "#/ui/field";
import { Mark } from "#/ui/mark";

import { afterSignIn, useEntrance, type Faults } from "./session";

const MIN_PASSWORD = 10;

/** `/signin`. */
export function SignInPage({ next }: { next?: string | undefined }) {
  useTitle("Sign in");
  const client = useClient();
  const setup = useSetup();
  const address = useRouterState({ select: (state) => state.location.href });
  const { busy, faults, enter } = useEntrance(client, afterSignIn(next, address));
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void enter(() => client.rest.login({ email: text(form, "email"), password: text(form, "password") }));
  };
  if (setup.data?.needs_setup)
    return (
      <Frame
        title="Almost there"
        intro="This server waits for its first account. Open the set-up link that it printed when it started; it looks like this:"
      >
        <code className="block overflow-x-auto rounded-md border border-line bg-sunken px-3 py-2 font-mono text-xs text-ink-2">
          {window.location.origin}/setup#…
        </code>
      </Frame>
    );
  return (
    <Frame title="Sign in" intro={setup.data?.workspace ? `to ${setup.data.workspace}` : "Welcome back."}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <FormError faults={faults} />
        <EmailField faults={faults} />
        <Field label="Password" error={faults.field("password")}>
          {(props) => (
            <Input
              {...props}
              name="password"
              type="password"
              autoComplete="current-password"
              required
              className="h-9"
            />
          )}
        </Field>
        <Button type="submit" look="primary" size="lg" busy={busy} className="mt-1">
          Sign in
        </Button>
      </form>
    </Frame>
  );
}

/** `/setup#secret`: the first account of a fresh server. */
export function SetupPage() {
  useTitle("Set up");
  const setup = useSetup();
  if (setup.data && !setup.data.needs_setup)
    return (
      <Spent
        title="Already set up"
        text="This server has its first account. If it is yours, sign in; if not, ask for an invitation."
      />
    );
  return (
    <RegisterPage
      title="Set up your workspace"
      intro="Make the first account. It owns the workspace and can invite the others."
      action="Create the workspace"
    />
  );
}

/** `/invite#secret`. */
export function InvitePage() {
  useTitle("Accept the invitation");
  const setup = useSetup();
  const name = setup.data?.workspace;
  return (
    <RegisterPage
      title={name ? `Join ${name}` : "Join the workspace"}
      intro="You have been invited. Make your account to come in."
      action="Create account"
    />
  );
}

function RegisterPage({ title, intro, action }: { title: string; intro: string; action: string }) {
  const client = useClient();
  const secret = useSecret();
  const { busy, faults, enter } = useEntrance(client, "/");
  if (!secret)
    return (
      <Spent
        title="The link is incomplete"
        text="It should end in # and a long secret. Copy the whole link and open it again."
      />
    );
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void enter(() =>
      client.rest.register({
        name: text(form, "name"),
        email: text(form, "email"),
        password: text(form, "password"),
        invite: secret,
      }),
    );
  };
  return (
    <Frame title={title} intro={intro}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <FormError faults={faults} />
        <Field label="Your name" error={faults.field("name")}>
          {(props) => (
            <Input {...props} name="name" autoComplete="name" required maxLength={100} className="h-9" />
          )}
        </Field>
        <EmailField faults={faults} />
        <Field
          label="Password"
          hint={`At least ${MIN_PASSWORD} characters.`}
          error={faults.field("password")}
        >
          {(props) => (
            <Input
              {...props}
              name="password"
              type="password"
              autoComplete="new-password"
              required
              minLength={MIN_PASSWORD}
              maxLength={256}
              className="h-9"
            />
          )}
        </Field>
        <Button type="submit" look="primary" size="lg" busy={busy} className="mt-1">
          {action}
        </Button>
      </form>
    </Frame>
  );
}

function EmailField({ faults }: { faults: Faults }) {
  return (
    <Field label="Email" error={faults.field("email")}>
      {(props) => (
        <Input
          {...props}
          name="email"
          type="email"
          autoComplete="username"
          required
          maxLength={254}
          className="h-9"
        />
      )}
    </Field>
  );
}

function FormError({ faults }: { faults: Faults }) {
  if (!faults.form) return null;
  return (
    <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-sm text-danger">
      {faults.form}
    </p>
  );
}

function Spent({ title, text: words }: { title: string; text: string }) {
  return (
    <Frame title={title} intro={words}>
      <Link to="/signin" className="text-sm font-medium text-accent hover:underline">
        Go to sign-in
      </Link>
    </Frame>
  );
}

function Frame({ title, intro, children }: { title: string; intro: string; children: ReactNode }) {
  const { phase } = useStatus();
  return (
    <main className="flex h-full flex-col items-center overflow-y-auto px-5 py-[max(2rem,12vh)]">
      <div className="w-full max-w-88 animate-rise">
        <Mark className="mb-7 size-9" />
        <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
        <p className="mt-1.5 mb-7 text-base text-pretty text-ink-2">{intro}</p>
        {children}
        {phase === "offline" && (
          <p className="mt-6 text-xs text-warn">The server cannot be reached at the moment.</p>
        )}
      </div>
    </main>
  );
}

/** The secret after the #, which no request carries. It stays in the address until it is used. */
function useSecret(): string {
  return useRouterState({ select: (state) => state.location.hash });
}

function useSetup() {
  const client = useClient();
  return useQuery({ queryKey: ["setup"], queryFn: () => client.rest.setup(), staleTime: 10_000 });
}

function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}
