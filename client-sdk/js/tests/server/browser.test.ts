/** Real tabs of a real browser: cookies, reloads, and several tabs at once. */

import { readFileSync } from "node:fs";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";

import type * as Ymera from "../../src/index.js";
import { connected, newMember, newProject } from "./people.js";

declare global {
  var ymera: typeof Ymera;
  var client: Ymera.Client;
}

const ENTRY = new URL("../../dist/index.js", import.meta.url).pathname;
const PAGE = `<!doctype html><script type="module">
  globalThis.ymera = await import("/test/client.js");
  globalThis.client = new ymera.Client({ credentials: ymera.cookieSession() });
  document.title = "loaded";
</script>`;

let browser: Browser;
let script: string;

beforeAll(async () => {
  const lib = { entry: ENTRY, formats: ["es" as const] };
  const built = await build({
    configFile: false,
    logLevel: "error",
    build: { write: false, minify: false, lib, rolldownOptions: { output: { codeSplitting: false } } },
  });
  const output = Array.isArray(built) ? built.flatMap((each) => each.output) : [];
  script = output.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("");
  browser = await chromium.launch({
    executablePath: process.env["YMERA_TEST_CHROMIUM"] ?? "/usr/bin/chromium",
    // The page is put in the server's place by the test, which the browser takes for a foreign network.
    args: ["--no-sandbox", "--disable-features=LocalNetworkAccessChecks"],
  });
});

afterAll(async () => {
  await browser.close();
});

/** A browser whose pages below `/test/` use the client, and count what they send. */
async function newBrowser(): Promise<BrowserContext> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  await context.route(`${inject("url")}/test/*`, async (route) => {
    const isScript = route.request().url().endsWith("client.js");
    const contentType = isScript ? "text/javascript" : "text/html";
    await route.fulfill({ contentType, body: isScript ? script : PAGE });
  });
  return context;
}

/** A tab; `sent` lists the ids of the commands that it has sent. */
async function newTab(context: BrowserContext): Promise<{ page: Page; sent: string[] }> {
  const page = await context.newPage();
  const sent: string[] = [];
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => {
      const id = /"command_id":"([^"]+)"/.exec(payload.toString())?.[1];
      if (id !== undefined) sent.push(id);
    });
  });
  await page.goto(`${inject("url")}/test/page`);
  await page.waitForFunction(() => document.title === "loaded");
  return { page, sent };
}

interface Setting {
  context: BrowserContext;
  project: string;
  titles: () => Promise<string[]>;
}

/** A browser that is signed in as a new member of a new project. */
async function signedIn(): Promise<Setting> {
  const ada = await connected();
  const { id: member_id, email, password } = await newMember(ada);
  const project = (await newProject(ada)).id;
  await ada.call("project.set_member", { project_id: project, member_id });
  const context = await newBrowser();
  const { page } = await newTab(context);
  await page.evaluate((account) => client.rest.login(account), { email, password });
  await page.close();
  const titles = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const task of ada.page("task.list", { project_id: project })) found.push(task.title);
    return found;
  };
  return { context, project, titles };
}

async function connect(page: Page): Promise<void> {
  await page.evaluate(() => client.connect());
}

function phase(page: Page, wanted: Ymera.Phase, queued?: number): Promise<unknown> {
  return page.waitForFunction(
    ([wanted, queued]) => {
      const status = client.status.get();
      return status.phase === wanted && (queued === null || status.queued === queued);
    },
    [wanted, queued ?? null] as const,
  );
}

/** Calls `task.create` without waiting for the answer. */
async function create(page: Page, project_id: string, title: string): Promise<void> {
  await page.evaluate(
    (task) => {
      client.call("task.create", task).catch(() => undefined);
    },
    { project_id, title },
  );
}

/** Waits until this many commands would survive the page. */
async function kept(page: Page, wanted: number): Promise<void> {
  const count = (): Promise<number> =>
    page.evaluate(
      () =>
        new Promise<number>((resolve, reject) => {
          const opening = indexedDB.open(`ymera ${location.origin}`);
          opening.onerror = reject;
          opening.onsuccess = () => {
            const counting = opening.result.transaction("commands").objectStore("commands").count();
            counting.onerror = reject;
            counting.onsuccess = () => {
              opening.result.close();
              resolve(counting.result);
            };
          };
        }),
    );
  await expect.poll(count).toBe(wanted);
}

test("a page that is not signed in is told so", async () => {
  const { page } = await newTab(await newBrowser());
  const refused = page.evaluate(() =>
    client.connect().catch((error: unknown) => ymera.isYmeraError(error, "unauthenticated")),
  );
  expect(await refused).toBe(true);
  await phase(page, "signed_out");
});

test("a sign-in lasts over reloads, keeps no token where scripts can read it, and ends with a logout", async () => {
  const { context } = await signedIn();
  const { page } = await newTab(context);
  await connect(page);
  await page.reload();
  await page.waitForFunction(() => document.title === "loaded");
  await connect(page);
  await phase(page, "live");
  expect(await page.evaluate(() => document.cookie)).toBe("");
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0]);
  await page.evaluate(() => client.rest.logout());
  await page.reload();
  await page.waitForFunction(() => document.title === "loaded");
  await expect(connect(page)).rejects.toThrow(/session cookie|sign in/i);
});

test("what was queued offline survives a reload and is sent once", async () => {
  const { context, project, titles } = await signedIn();
  const { page, sent } = await newTab(context);
  await connect(page);
  await phase(page, "live");
  await context.setOffline(true);
  await phase(page, "offline");
  for (const title of ["one", "two", "three"]) await create(page, project, title);
  await phase(page, "offline", 3);
  await kept(page, 3);
  await page.reload();
  await page.waitForFunction(() => document.title === "loaded");
  await context.setOffline(false);
  await connect(page);
  await phase(page, "live", 0);
  expect(await titles()).toEqual(["one", "two", "three"]);
  expect(new Set(sent).size).toBe(3);
});

test("two tabs: each sends its own, and neither what the other holds", async () => {
  const { context, project, titles } = await signedIn();
  const first = await newTab(context);
  const second = await newTab(context);
  await Promise.all([connect(first.page), connect(second.page)]);
  await Promise.all([phase(first.page, "live"), phase(second.page, "live")]);
  await context.setOffline(true);
  await Promise.all([phase(first.page, "offline"), phase(second.page, "offline")]);
  for (const title of ["a1", "a2", "a3"]) await create(first.page, project, title);
  for (const title of ["b1", "b2"]) await create(second.page, project, title);
  await phase(first.page, "offline", 3);
  await context.setOffline(false);
  await Promise.all([phase(first.page, "live", 0), phase(second.page, "live", 0)]);
  expect((await titles()).toSorted()).toEqual(["a1", "a2", "a3", "b1", "b2"]);
  expect(new Set(first.sent).size).toBe(3);
  expect(new Set(second.sent).size).toBe(2);
  expect(first.sent.filter((id) => second.sent.includes(id))).toEqual([]);
});

test("what a closed tab has left, another takes over and sends once", async () => {
  const { context, project, titles } = await signedIn();
  const first = await newTab(context);
  const second = await newTab(context);
  await Promise.all([connect(first.page), connect(second.page)]);
  await Promise.all([phase(first.page, "live"), phase(second.page, "live")]);
  await context.setOffline(true);
  await Promise.all([phase(first.page, "offline"), phase(second.page, "offline")]);
  for (const title of ["one", "two"]) await create(first.page, project, title);
  await phase(first.page, "offline", 2);
  await kept(first.page, 2);
  await first.page.close();
  await context.setOffline(false);
  // It is live with an empty queue of its own before it finds what the other has left.
  await expect.poll(titles, { timeout: 10_000 }).toEqual(["one", "two"]);
  await phase(second.page, "live", 0);
  expect(new Set(second.sent).size).toBe(2);
  expect(first.sent).toEqual([]);
});

test("what a tab leaves when it closes, one that is live takes over at once", async () => {
  const { context, project, titles } = await signedIn();
  const first = await newTab(context);
  // It never connects, so that it keeps what it is asked to send.
  await create(first.page, project, "left");
  await kept(first.page, 1);
  const second = await newTab(context);
  await connect(second.page);
  await phase(second.page, "live", 0);
  expect(await titles()).toEqual([]);
  await first.page.close();
  await expect.poll(titles, { timeout: 10_000 }).toEqual(["left"]);
  await phase(second.page, "live", 0);
});

test("tabs that start and renew at once, from one cookie, all stay signed in", async () => {
  const { context } = await signedIn();
  const tabs = await Promise.all(Array.from({ length: 4 }, () => newTab(context)));
  await Promise.all(tabs.map(({ page }) => connect(page)));
  await Promise.all(tabs.map(({ page }) => phase(page, "live")));
  const names = tabs.map(({ page }) => page.evaluate(async () => (await client.rest.me()).me.name));
  expect(await Promise.all(names)).toEqual(["Grace", "Grace", "Grace", "Grace"]);
});

test("the README's page signs in", async () => {
  const { email, password } = await newMember(await connected());
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const example = /```ts page\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const source = example
    .replace("@ymera/client", "/test/client.js")
    .replace("grace@example.org", email)
    .replace("a password of some length", password);
  const { page } = await newTab(await newBrowser());
  await page.addScriptTag({ type: "module", content: source });
  await page.waitForFunction(() => document.title === "live");
});

/** Uploads the same large file; once so many bytes are through, or all. Where it began, and how far it is. */
function upload(page: Page, room: string, bytes: number): Promise<{ first: number; last: number }> {
  return page.evaluate(
    async ([room, bytes]) => {
      // Too large to be hashed beforehand: the file is known by its name, size and date.
      const content = new File([new Uint8Array(72 * 1024 * 1024)], "zeros.bin", { lastModified: 1 });
      const { done, progress } = client.files.upload(room, content);
      const told: number[] = [];
      await new Promise<void>((resolve, reject) => {
        progress.subscribe(() => {
          const now = progress.get();
          if (now.phase === "sending" && now.bytes > 0) told.push(now.bytes);
          if (now.bytes >= bytes) resolve();
        });
        done.catch(reject);
      });
      if (bytes >= content.size) await done;
      return { first: told[0] ?? 0, last: told.at(-1) ?? 0 };
    },
    [room, bytes] as const,
  );
}

test("an upload goes on where it was after a reload, once the file is chosen again", async () => {
  const mib = 1024 * 1024;
  const { context, project } = await signedIn();
  const { page } = await newTab(context);
  await connect(page);
  await upload(page, project, 20 * mib);
  await page.reload();
  await page.waitForFunction(() => document.title === "loaded");
  await connect(page);
  const { first, last } = await upload(page, project, 72 * mib);
  expect(first).toBeGreaterThanOrEqual(8 * mib);
  expect(last).toBe(72 * mib);
  const kept = await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("tus::")));
  expect(kept).toEqual([]);
});

test("a file of an open room is saved where it was picked, if it is the one that was sent", async () => {
  const { context, project } = await signedIn();
  const { page } = await newTab(context);
  await connect(page);
  const saved = (): Promise<string> =>
    page.evaluate(async (project) => {
      const content = "0123456789".repeat(300_000);
      const { id } = await client.files.upload(project, new Blob([content]), { name: "moon.bin" }).done;
      const folder = await navigator.storage.getDirectory();
      const handle = await folder.getFileHandle("moon.bin", { create: true });
      const outcome = await client.files.save(id, ymera.pickedLanding(handle)).then(
        () => "saved",
        (error: unknown) => (ymera.isYmeraError(error) ? error.code : String(error)),
      );
      const found = await (await handle.getFile()).text();
      await folder.removeEntry("moon.bin");
      return `${outcome} ${found === content ? "whole" : found.length}`;
    }, project);
  expect(await saved()).toBe("saved whole");
  await page.route("**/content?*", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `1${(await response.text()).slice(1)}` });
  });
  expect(await saved()).toBe("unavailable 0");
});
