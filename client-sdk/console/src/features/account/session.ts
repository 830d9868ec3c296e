/** Getting in: set-up, sign-in and invitations, and where one goes afterwards. */

import type { Client, YmeraError } from "@ymera/client";
import { isYmeraError } from "@ymera/client";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";

import { messageOf } from "#/app/errors";

/** The path on this site to go to after signing in; anything else is refused. */
export function safePath(next: unknown): string {
  return typeof next === "string" && /^\/(?![/\\])/.test(next) && !/^\/(signin|setup|invite)\b/.test(next)
    ? next
    : "/";
}

/** What the sign-in is opened with to lead back to an address. A secret may be behind its #, and stays behind one. */
export function signInFor(address: string): { search: { next?: string }; hash: string } {
  const [next, hash] = halved(address);
  return { search: next === "/" ? {} : { next }, hash };
}

/** Where the sign-in at this address leads, whose search says `next`. */
export function afterSignIn(next: unknown, address: string): string {
  const [, hash] = halved(address);
  return hash === "" ? safePath(next) : `${safePath(next)}#${hash}`;
}

/** What is before an address' #, and what is behind it. */
function halved(address: string): [string, string] {
  const at = address.indexOf("#");
  return at < 0 ? [address, ""] : [address.slice(0, at), address.slice(at + 1)];
}

export interface Faults {
  form: string | null;
  field: (name: string) => string | null;
}

/** Where a refusal belongs: beside the field that it names, or above the form. */
export function faultsOf(error: unknown): Faults {
  const path = isYmeraError(error, "invalid") ? pathOf(error) : null;
  const text = error ? messageOf(error) : null;
  return { form: path ? null : text, field: (name) => (path === name ? text : null) };
}

function pathOf(error: YmeraError): string | null {
  const path = error.data["path"];
  return typeof path === "string" && ["email", "password", "name"].includes(path) ? path : null;
}

/** Runs one way of getting in; then connects and goes on to `next`. */
export function useEntrance(client: Client, next: string) {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const enter = async (signIn: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    try {
      await signIn();
      await client.connect();
      router.history.replace(next);
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  return { busy, faults: faultsOf(error), enter };
}
