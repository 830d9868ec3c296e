/** The README's examples compile against the built package, and run. */

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { afterAll, expect, inject, test } from "vitest";

import { Workshop } from "./agents.js";
import { Program } from "./program.js";

const PACKAGE = new URL("../../", import.meta.url).pathname;
const README = readFileSync(join(PACKAGE, "README.md"), "utf8");
const examples = [...README.matchAll(/```ts (run|page|agent)\n([\s\S]*?)```/g)].map(([, kind, source]) => ({
  kind: kind ?? "",
  source: source ?? "",
}));

// Inside the package, where its own name leads to it.
const folder = mkdtempSync(join(PACKAGE, "dist", "readme-"));
writeFileSync(join(folder, "report.txt"), "All is well.");

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const EXPECTED = [
  ["Signed in as Ada", "[ 'Land on the Moon' ]", "[ 'Land on the Moon', 'Walk on it' ]", "Walk on it 1"],
  ["Dock in orbit", "The task has changed since you read it.", "Dock in orbit"],
  ["membership.updated"],
  ["done 12 12", "12", "/api/files/links/"],
  ["Write down: ", "[ 'For members only.' ]", "1 found on this device"],
  ["completed Hello Ada 1"],
];

function compiled(source: string, name: string): string {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, ts.transpileModule(source, { compilerOptions }).outputText);
  return file;
}

test("there are examples of programs and of pages", () => {
  expect(examples.map(({ kind }) => kind)).toEqual([
    "run",
    "page",
    "run",
    "run",
    "run",
    "run",
    "agent",
    "run",
  ]);
});

test("the examples compile", () => {
  const files = examples.map(({ source }, n) => {
    const file = join(folder, `example${n}.mts`);
    writeFileSync(file, source);
    return file;
  });
  const { config } = ts.readConfigFile(join(PACKAGE, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, PACKAGE);
  const program = ts.createProgram(files, { ...options, noEmit: true });
  const faults = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    return `${basename(file?.fileName ?? "")}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
  expect(faults).toEqual([]);
});

test.each(examples.filter(({ kind }) => kind === "run").map(({ source }, n) => [n, source] as const))(
  "program %i runs, prints what it should and ends by itself",
  async (n, source) => {
    const file = compiled(source.replace("http://127.0.0.1:8080", inject("url")), `program${n}`);
    const env = { ...process.env, YMERA_TOKEN: inject("ownerToken") };
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folder, env });
    let rest = stdout;
    for (const line of EXPECTED[n] ?? []) {
      expect(rest).toContain(line);
      rest = rest.slice(rest.indexOf(line) + line.length);
    }
  },
);

test("the agent does what it is given", async () => {
  const shop = await Workshop.open();
  const { id, token } = await shop.hire();
  const source = examples.find(({ kind }) => kind === "agent")?.source ?? "";
  const env = { YMERA_URL: inject("url"), YMERA_TOKEN: token };
  const program = new Program({ file: compiled(source, "agent") }, env);
  await shop.known(id);
  const run = await shop.give("summarise", { input: { text: "one two three", maxWords: 2 } });
  expect(await shop.result(run.id)).toEqual({ summary: "one two" });
  expect(shop.seen(run.id)?.costs.tokens).toBe(3);
  expect(await program.end("SIGTERM")).toBe(0);
});
