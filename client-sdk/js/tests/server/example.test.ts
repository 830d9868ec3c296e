/** The example agent as a program of its own, at a real server. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, inject, onTestFinished, test } from "vitest";

import { Workshop } from "./agents.js";
import { Program } from "./program.js";

const PACKAGE = new URL("../../", import.meta.url).pathname;

/** The example as JavaScript, inside the package, where its own name leads to it. */
function compiled(): string {
  const folder = mkdtempSync(join(PACKAGE, "dist", "example-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const source = readFileSync(join(PACKAGE, "examples", "markdown-checker.ts"), "utf8");
  const file = join(folder, "markdown-checker.mjs");
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  writeFileSync(file, ts.transpileModule(source, { compilerOptions }).outputText);
  return file;
}

test("the Markdown checker checks a task's description", async () => {
  const shop = await Workshop.open();
  const checker = await shop.hire("Checker");
  const env = { YMERA_URL: inject("url"), YMERA_TOKEN: checker.token };
  const program = new Program({ file: compiled() }, env);
  await shop.known(checker.id);
  const task = await shop.ada.call("task.create", {
    project_id: shop.project,
    title: "Read the plan",
    description: "# Plan\n\nAs [agreed](#agreement).\n",
  });
  const run = await shop.give("check-markdown", { task_id: task.id });
  expect(await shop.result(run.id)).toEqual({
    sections: 1,
    problems: [{ line: 3, problem: "«agreed» leads to #agreement, which is not there" }],
  });
  expect(await shop.output(run.id)).toBe("3: «agreed» leads to #agreement, which is not there\n");
  expect(shop.seen(run.id)).toMatchObject({ summary: "1 to mend", progress: 1 });
  expect(await program.end("SIGTERM")).toBe(0);
});
