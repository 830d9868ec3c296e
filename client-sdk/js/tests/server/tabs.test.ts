/** Sealed rooms in real tabs of a real browser: one worker has the keys for all of them, and files outlive a tab. */

import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";

import type * as Ymera from "../../src/index.js";
import { connected, newMember } from "./people.js";

declare global {
  var ymera: typeof Ymera;
  var client: Ymera.Client;
}

const MIB = 1024 * 1024;
const PAGE = `<!doctype html><script type="module">
  globalThis.ymera = await import("/test/index.js");
  const worker = () => new Worker("/test/worker.js", { type: "module" });
  const keys = ymera.workerKeys({ worker });
  globalThis.client = new ymera.Client({ credentials: ymera.cookieSession(), keys });
  document.title = "loaded";
</script>`;
/** As the server sends it with pages and with built files. */
const POLICY =
  "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; connect-src 'self' ws:";
const WORKERS = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";

let browser: Browser;
const scripts = new Map<string, string>();

async function bundled(entry: string): Promise<string> {
  const lib = { entry: new URL(`../../dist/${entry}`, import.meta.url).pathname, formats: ["es" as const] };
  const built = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      target: "es2022",
      lib,
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const output = Array.isArray(built) ? built.flatMap((each) => each.output) : [];
  return output.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("");
}

beforeAll(async () => {
  scripts.set("index.js", await bundled("index.js"));
  scripts.set("worker.js", await bundled("sealed/worker.js"));
  browser = await chromium.launch({
    executablePath: process.env["YMERA_TEST_CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-features=LocalNetworkAccessChecks"],
  });
});

afterAll(async () => {
  await browser.close();
});

/** A browser that is signed in as a new member, with the pages of these tests. */
async function signedIn(): Promise<BrowserContext> {
  const owner = await connected();
  const { email, password } = await newMember(owner);
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  await context.route(`${inject("url")}/test/*`, async (route) => {
    const name = new URL(route.request().url()).pathname.slice("/test/".length);
    const script = scripts.get(name);
    const headers = { "content-security-policy": script === undefined ? POLICY : WORKERS };
    const contentType = script === undefined ? "text/html" : "text/javascript";
    await route.fulfill({ contentType, body: script ?? PAGE, headers });
  });
  const page = await newTab(context);
  await page.evaluate(
    async ([email, password]) => {
      await client.rest.login({ email, password });
      await client.connect();
    },
    [email, password] as const,
  );
  return context;
}

async function newTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${inject("url")}/test/page`);
  await page.waitForFunction(() => document.title === "loaded");
  return page;
}

async function untilState(page: Page, state: Ymera.SealedState): Promise<void> {
  await page.waitForFunction((wanted) => client.sealed.status.get().state === wanted, state);
}

function texts(page: Page, room: string): Promise<readonly string[]> {
  return page.evaluate(async (id) => {
    const live = client.room(id);
    await live.ready;
    const sent = Object.values(live.state.messages).sort((one, other) => one.seq - other.seq);
    return sent.map(({ text }) => text);
  }, room);
}

function say(page: Page, room: string, text: string): Promise<void> {
  return page.evaluate(
    async ([room, text]) => {
      await client.call("message.send", { room, id: crypto.randomUUID(), text });
    },
    [room, text] as const,
  );
}

/** A tab of a new member with an identity. */
async function beginning(): Promise<Page> {
  const [first] = (await signedIn()).pages();
  if (first === undefined) throw new Error("there is no tab");
  await untilState(first, "none");
  await first.evaluate(() => client.sealed.begin());
  await untilState(first, "ready");
  return first;
}

test("tabs share one worker, and when the one that runs it is closed another goes on that can", async () => {
  const first = await beginning();
  const context = first.context();
  const room = await first.evaluate(() => client.sealed.createRoom({ form: "conversation", name: "Diary" }));
  await say(first, room, "one");

  const second = await newTab(context);
  await second.evaluate(() => client.connect());
  await untilState(second, "ready");
  expect(await texts(second, room)).toEqual(["one"]);
  await Promise.all([say(first, room, "two"), say(second, room, "three")]);
  await expect.poll(() => texts(second, room)).toHaveLength(3);
  expect((await texts(first, room)).toSorted()).toEqual(["one", "three", "two"]);
  expect([first.workers().length, second.workers().length]).toEqual([1, 0]);

  await first.close();
  await second.waitForEvent("worker");
  await say(second, room, "four");
  await expect.poll(() => texts(second, room)).toHaveLength(4);

  const third = await newTab(context);
  await third.route("**/worker.js", (route) => route.abort());
  await third.evaluate(() => client.connect());
  await untilState(third, "ready");
  const fourth = await newTab(context);
  await fourth.evaluate(() => client.connect());
  await untilState(fourth, "ready");
  const led = fourth.waitForEvent("worker");
  await second.close();
  // The third comes first, and its worker does not load.
  await led;
  await expect.poll(() => say(third, room, "five").then(() => texts(third, room))).toContain("five");
  await expect.poll(() => texts(fourth, room)).toContain("five");
});

/** Uploads a file of zeros and ones that is the same after a reload; resolves once so many bytes are through. */
function uploads(page: Page, room: string, size: number, until: number): Promise<string> {
  return page.evaluate(
    async ([room, size, until]) => {
      await client.room(room).ready;
      const part = Uint8Array.from({ length: 1024 * 1024 }, (_, index) => index % 251);
      const parts = Array.from({ length: size }, () => part);
      const { progress, done } = client.files.upload(room, new File(parts, "moon.bin", { lastModified: 5 }));
      return new Promise<string>((resolve, reject) => {
        progress.subscribe(() => {
          if (progress.get().bytes >= until) resolve("");
        });
        done.then(({ id }) => {
          resolve(id);
        }, reject);
      });
    },
    [room, size, until] as const,
  );
}

test("an upload goes on where it was after a reload, and what comes back is verified", async () => {
  const page = await beginning();
  const room = await page.evaluate(() => client.sealed.createRoom({ form: "conversation", name: "Moon" }));
  await uploads(page, room, 24, 9 * MIB);
  await page.reload();
  await page.waitForFunction(() => document.title === "loaded");
  await page.evaluate(() => client.connect());
  await untilState(page, "ready");
  const offsets: number[] = [];
  page.on("request", (request) => {
    if (request.method() === "PATCH") offsets.push(Number(request.headers()["upload-offset"]));
  });
  const id = await uploads(page, room, 24, Infinity);
  expect(offsets[0]).toBeGreaterThanOrEqual(8 * MIB);
  const sound = await page.evaluate(async (id) => {
    const bytes = new Uint8Array(await (await (await client.files.download(id)).blob()).arrayBuffer());
    return (
      bytes.length === 24 * 1024 * 1024 &&
      bytes.every((byte, index) => byte === (index % (1024 * 1024)) % 251)
    );
  }, id);
  expect(sound).toBe(true);
});
