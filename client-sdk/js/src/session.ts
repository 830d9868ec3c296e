/**
 * Who the client is to the server: where access tokens come from, and the one in use.
 *
 * Tokens stay in memory. However many ask at once, a token is renewed once.
 */

import { isYmeraError, type YmeraError } from "./errors.js";
import type { Credentials } from "./generated/protocol.js";
import type { Server } from "./server.js";

/** A token to connect with. */
export interface Access {
  readonly token: string;
  /** Seconds that it lasts from now; null if it does not run out by itself. */
  readonly expiresIn: number | null;
}

/** A way to sign in. */
export interface CredentialSource {
  /** Whether sign-ins by REST keep their refresh token in a cookie. */
  readonly cookie: boolean;
  /** Gets a new access token. Throws YmeraError `unauthenticated` when only the user can help. */
  renew(server: Server): Promise<Access>;
  /** Takes up a sign-in by REST (`client.rest.login`, `register`). */
  accept(credentials: Credentials): Promise<void>;
  /** Ends the sign-in at the server, and forgets what belongs to it. */
  end(server: Server): Promise<void>;
}

/** Where a program keeps its refresh token between runs. */
export interface RefreshTokenStore {
  load(): Promise<string | null>;
  save(token: string | null): Promise<void>;
}

/** For browsers: the refresh token stays in an HttpOnly cookie that no script can read. */
export function cookieSession(): CredentialSource {
  return {
    cookie: true,
    renew: (server) =>
      alone("ymera-refresh", async () =>
        toAccess((await server.request("/api/auth/refresh", { method: "POST", body: {} })) as Credentials),
      ),
    accept: () => Promise.resolve(),
    end: async (server) => {
      await server.request("/api/auth/logout", { method: "POST", body: {} });
    },
  };
}

/** For programs: a token made with `client.rest.createToken` or in the console (`ymt_…`). */
export function programToken(token: string): CredentialSource {
  return {
    cookie: false,
    renew: () => Promise.resolve({ token, expiresIn: null }),
    accept: () => Promise.resolve(),
    // A token is ended where it was made, with `client.rest.revokeToken`.
    end: () => Promise.resolve(),
  };
}

/** Email and password, for programs that act as a person; `store` saves signing in at each start. */
export function passwordSession(
  { email, password }: { readonly email: string; readonly password: string },
  store?: RefreshTokenStore,
): CredentialSource {
  let kept: string | null = null;
  const keep = async (token: string | null): Promise<void> => {
    kept = token;
    await store?.save(token);
  };
  const ask = async (server: Server, path: string, body: object): Promise<Access> => {
    const credentials = (await server.request(path, { method: "POST", body })) as Credentials;
    await keep(credentials.refresh_token);
    return toAccess(credentials);
  };
  const renew = async (server: Server): Promise<Access> => {
    kept ??= (await store?.load()) ?? null;
    if (kept !== null) {
      try {
        return await ask(server, "/api/auth/refresh", { refresh_token: kept });
      } catch (error) {
        if (!isSignedOut(error)) throw error;
        await keep(null);
      }
    }
    return ask(server, "/api/auth/login", { email, password });
  };
  const end = async (server: Server): Promise<void> => {
    await server.request("/api/auth/logout", { method: "POST", body: { refresh_token: kept } });
    await keep(null);
  };
  return { cookie: false, renew, accept: (credentials) => keep(credentials.refresh_token), end };
}

/** Whether an error means that the credentials are no good, and trying again with them is in vain. */
export function isSignedOut(error: unknown): error is YmeraError {
  return isYmeraError(error, "unauthenticated") || isYmeraError(error, "token_expired");
}

/** The access token in use. */
export class Session {
  readonly #server: Server;
  readonly #source: CredentialSource;
  #access: Access | null = null;
  /** When the token runs out, in milliseconds since 1970. */
  #expiresAt = Infinity;
  #renewing: Promise<string> | null = null;

  constructor(server: Server, source: CredentialSource) {
    this.#server = server;
    this.#source = source;
  }

  get cookie(): boolean {
    return this.#source.cookie;
  }

  /** A token that should still be good; gets one if there is none. */
  token(): Promise<string> {
    if (this.#access === null || Date.now() >= this.#expiresAt) return this.renew();
    return Promise.resolve(this.#access.token);
  }

  /** Does something with a token; once more with another, if the server says that it has run out. */
  async use<T>(work: (token: string) => Promise<T>): Promise<T> {
    const token = await this.token();
    try {
      return await work(token);
    } catch (error) {
      if (!isYmeraError(error, "token_expired")) throw error;
      this.refused(token);
      return work(await this.token());
    }
  }

  /** A new token. Those who ask while one is on its way share it. */
  renew(): Promise<string> {
    this.#renewing ??= this.#source
      .renew(this.#server)
      .then((access) => this.#take(access))
      .finally(() => {
        this.#renewing = null;
      });
    return this.#renewing;
  }

  /** Drops a token that the server refused, unless a newer one has taken its place. */
  refused(token: string): void {
    if (this.#access?.token === token) this.#access = null;
  }

  /** Takes up a sign-in by REST. */
  async accept(credentials: Credentials): Promise<void> {
    await this.#source.accept(credentials);
    this.#take(toAccess(credentials));
  }

  /** Signs out. */
  async end(): Promise<void> {
    await this.#source.end(this.#server);
    this.#access = null;
  }

  #take(access: Access): string {
    this.#access = access;
    this.#expiresAt = access.expiresIn === null ? Infinity : Date.now() + access.expiresIn * 1_000;
    return access.token;
  }
}

function toAccess(credentials: Credentials): Access {
  return { token: credentials.access_token, expiresIn: credentials.expires_in };
}

/**
 * Runs `work` while no other tab of this origin runs work of that name: two tabs that renew from
 * one cookie at one time would look to the server like a thief and a victim.
 */
async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
  return locks === undefined ? work() : await locks.request(name, work);
}
