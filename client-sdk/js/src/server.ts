/** Where a server is, and how to ask its REST surface. */

import { isErrorBody, localError, YmeraError } from "./errors.js";

/** How long a REST request may take, in milliseconds. */
const TIMEOUT_MS = 15_000;

/** What a REST request sends beyond its path. */
export interface RestRequest {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly body?: object;
  /** An access token or a program's token. */
  readonly bearer?: string;
}

/** What a request for bytes sends beyond its path. */
export interface ByteRequest {
  readonly bearer: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** One server's address. */
export class Server {
  /** For example `https://work.example.org`. */
  readonly origin: string;
  /** Where the server stands below its origin: empty, or for example `/ymera`. */
  readonly prefix: string;

  /** Takes the page's own origin if no address is given; throws YmeraError `invalid` if there is none. */
  constructor(url?: string) {
    const address = url ?? (typeof location === "undefined" ? "" : location.origin);
    if (!URL.canParse(address)) {
      throw localError("invalid", `The server's url must be like https://host:port, not "${address}".`);
    }
    const parsed = new URL(address);
    this.origin = parsed.origin;
    this.prefix = parsed.pathname.replace(/\/+$/, "");
  }

  /** The address of a path of the server's. */
  address(path: string): string {
    return `${this.origin}${this.prefix}${path}`;
  }

  /** Asks for bytes, which the caller reads. Throws YmeraError if they are refused, or what `signal` is aborted with. */
  async open(path: string, { bearer, headers, signal }: ByteRequest): Promise<Response> {
    const options: RequestInit = { headers: { ...headers, authorization: `Bearer ${bearer}` } };
    if (signal !== undefined) options.signal = signal;
    let response;
    try {
      response = await fetch(this.address(path), { ...options, credentials: "include" });
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#silent(error);
    }
    if (response.ok) return response;
    throw refusalOf(response.status, await response.text().catch(() => ""));
  }

  /** Asks, and returns the answer's JSON. Errors are YmeraError: the server's own, or `unavailable`. */
  async request(path: string, { method = "GET", body, bearer }: RestRequest = {}): Promise<unknown> {
    const headers: Record<string, string> = { accept: "application/json" };
    if (method !== "GET") headers["x-ymera-csrf"] = "1";
    if (body !== undefined) headers["content-type"] = "application/json";
    if (bearer !== undefined) headers["authorization"] = `Bearer ${bearer}`;
    const options: RequestInit = { method, headers, credentials: "include", cache: "no-store" };
    if (body !== undefined) options.body = JSON.stringify(body);
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(this.address(path), { ...options, signal });
      const text = await response.text();
      if (!response.ok) throw refusalOf(response.status, text);
      return parse(text);
    } catch (error) {
      if (error instanceof YmeraError) throw error;
      throw this.#silent(error);
    }
  }

  #silent(cause: unknown): YmeraError {
    return localError("unavailable", `The server at ${this.origin} does not answer.`, cause);
  }
}

/** The error of an answer that is a refusal: the server's own, if the text is one. */
export function refusalOf(status: number, text: string): YmeraError {
  const json = parse(text);
  const error = typeof json === "object" && json !== null && "error" in json ? json.error : null;
  if (isErrorBody(error)) return new YmeraError(error);
  const message = `The server answered ${status} without saying why.`;
  return localError(status >= 500 ? "unavailable" : "internal", message);
}

function parse(text: string): unknown {
  try {
    return text === "" ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}
