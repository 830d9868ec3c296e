/** The REST surface: accounts, sign-in, sessions and programs' tokens. */

import type {
  Credentials,
  Login,
  Me,
  PasswordChange,
  Register,
  SessionInfo,
  SessionsInfo,
  SetupInfo,
  TokenCreate,
  TokenCreated,
  TokenInfo,
  TokensInfo,
} from "./generated/protocol.js";
import type { RestRequest, Server } from "./server.js";
import type { Session } from "./session.js";

/** Calls of `client.rest`. Each throws YmeraError. */
export class Rest {
  readonly #server: Server;
  readonly #session: Session;
  readonly #signedOut: () => Promise<void>;

  /** `signedOut` ends what the client does in the account's name. */
  constructor(server: Server, session: Session, signedOut: () => Promise<void>) {
    this.#server = server;
    this.#session = session;
    this.#signedOut = signedOut;
  }

  /** Whether this server still waits for its first account. Needs no sign-in. */
  async setup(): Promise<SetupInfo> {
    return (await this.#server.request("/api/setup")) as SetupInfo;
  }

  /** Makes an account and signs in with it; call `client.connect()` next. */
  register(account: Omit<Register, "cookie">): Promise<Credentials> {
    return this.#signIn("/api/auth/register", account);
  }

  /** Signs in; call `client.connect()` next. */
  login(account: Omit<Login, "cookie">): Promise<Credentials> {
    return this.#signIn("/api/auth/login", account);
  }

  /** Signs out here, and forgets what was kept on this machine, unsent commands included. */
  async logout(): Promise<void> {
    await this.#session.end();
    await this.#signedOut();
  }

  /** Who you are, and in which workspace. */
  async me(): Promise<Me> {
    return (await this.#ask("/api/auth/me")) as Me;
  }

  /** Changes your password. Your other sign-ins end. */
  async changePassword(change: PasswordChange): Promise<void> {
    await this.#ask("/api/auth/password", { method: "POST", body: change });
  }

  /** Your sign-ins. */
  async sessions(): Promise<readonly SessionInfo[]> {
    return ((await this.#ask("/api/auth/sessions")) as SessionsInfo).sessions;
  }

  /** Ends one of your sign-ins; its connections close. */
  async revokeSession(id: string): Promise<void> {
    await this.#ask(`/api/auth/sessions/${encodeURIComponent(id)}`, { method: "DELETE" });
  }

  /** Your programs' tokens, without their secrets. */
  async tokens(): Promise<readonly TokenInfo[]> {
    return ((await this.#ask("/api/tokens")) as TokensInfo).tokens;
  }

  /** Makes a token for a program. Its `secret` is shown this once. */
  async createToken(token: TokenCreate): Promise<TokenCreated> {
    return (await this.#ask("/api/tokens", { method: "POST", body: token })) as TokenCreated;
  }

  /** Ends a token; its connections close. */
  async revokeToken(id: string): Promise<void> {
    await this.#ask(`/api/tokens/${encodeURIComponent(id)}`, { method: "DELETE" });
  }

  async #signIn(path: string, account: object): Promise<Credentials> {
    const body = { ...account, cookie: this.#session.cookie };
    const credentials = (await this.#server.request(path, { method: "POST", body })) as Credentials;
    await this.#session.accept(credentials);
    return credentials;
  }

  #ask(path: string, request: RestRequest = {}): Promise<unknown> {
    return this.#session.use((bearer) => this.#server.request(path, { ...request, bearer }));
  }
}
