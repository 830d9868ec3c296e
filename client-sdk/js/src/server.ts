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
      const response = await fetch(`${this.origin}${this.prefix}${path}`, { ...options, signal });
      return answer(response, await response.text());
    } catch (error) {
      if (error instanceof YmeraError) throw error;
      throw localError("unavailable", `The server at ${this.origin} does not answer.`, error);
    }
  }
}

function answer(response: Response, text: string): unknown {
  const json = parse(text);
  if (response.ok) return json;
  const error = typeof json === "object" && json !== null && "error" in json ? json.error : null;
  if (isErrorBody(error)) throw new YmeraError(error);
  throw localError(
    response.status >= 500 ? "unavailable" : "internal",
    `The server answered ${response.status} without saying why.`,
  );
}

function parse(text: string): unknown {
  try {
    return text === "" ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}
