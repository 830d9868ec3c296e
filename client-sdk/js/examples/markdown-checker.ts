/**
 * An agent that checks Markdown: headings that skip a level, links that lead nowhere, images without words.
 *
 * Given a run for a task, it checks the task's description. Needs `mdast-util-from-markdown`,
 * `mdast-util-to-string`, `unist-util-visit` and `github-slugger`; runs with
 * `YMERA_URL=… YMERA_TOKEN=… node markdown-checker.ts` (Node 22.18 or newer, or compiled).
 */

import { fileURLToPath } from "node:url";

import GithubSlugger from "github-slugger";
import type { Heading, Nodes, Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { toString } from "mdast-util-to-string";
import { visit } from "unist-util-visit";

import { Agent } from "@ymera/client/agent";

interface Problem {
  readonly line: number;
  readonly problem: string;
}

interface Section {
  readonly depth: number;
  readonly title: string;
  /** What links name it by, as on GitHub. */
  readonly anchor: string;
  readonly line: number;
}

export const agent = new Agent({ version: "1.0" });

agent.capability(
  "check-markdown",
  {
    description: "Checks the headings, links and images of a Markdown text, and makes its outline",
    concurrency: 4,
    input: {
      type: "object",
      properties: {
        description: { type: "string", description: "Markdown; of a run for a task, the task's description" },
        deepest: { type: "integer", minimum: 1, maximum: 6, description: "Headings that the outline shows" },
      },
      required: ["description"],
    },
    output: {
      type: "object",
      properties: {
        sections: { type: "integer" },
        problems: {
          type: "array",
          items: {
            type: "object",
            properties: { line: { type: "integer" }, problem: { type: "string" } },
            required: ["line", "problem"],
          },
        },
      },
      required: ["sections", "problems"],
    },
  },
  async (run, { description, deepest = 3 }: { description: string; deepest?: number }) => {
    run.progress(0, "reading");
    const tree = fromMarkdown(description);
    const sections = outlineOf(tree);
    run.progress(0.5, "checking");
    const problems = [...skippedLevels(sections), ...faultsOf(tree, sections)].sort(
      (a, b) => a.line - b.line,
    );
    for (const { line, problem } of problems) run.output(`${line}: ${problem}\n`);
    await run.attach("outline.md", outlineText(sections, deepest), "text/markdown");
    run.progress(1);
    run.summary = problems.length === 0 ? "Nothing to complain of" : `${problems.length} to mend`;
    return { sections: sections.length, problems };
  },
);

function outlineOf(tree: Root): Section[] {
  const slugger = new GithubSlugger();
  const sections: Section[] = [];
  visit(tree, "heading", (heading: Heading) => {
    const title = toString(heading);
    sections.push({ depth: heading.depth, title, anchor: slugger.slug(title), line: lineOf(heading) });
  });
  return sections;
}

function outlineText(sections: readonly Section[], deepest: number): string {
  return sections
    .filter(({ depth }) => depth <= deepest)
    .map(({ depth, title, anchor }) => `${"  ".repeat(depth - 1)}- [${title}](#${anchor})\n`)
    .join("");
}

function skippedLevels(sections: readonly Section[]): Problem[] {
  return sections.flatMap(({ depth, title, line }, n) => {
    const above = sections[n - 1]?.depth ?? 0;
    if (depth <= above + 1) return [];
    return [{ line, problem: `«${title}» is a heading of level ${depth} under one of level ${above}` }];
  });
}

function faultsOf(tree: Root, sections: readonly Section[]): Problem[] {
  const anchors = new Set(sections.map(({ anchor }) => `#${anchor}`));
  const problems: Problem[] = [];
  visit(tree, (node) => {
    const problem = faultOf(node, anchors);
    if (problem !== null) problems.push({ line: lineOf(node), problem });
  });
  return problems;
}

function faultOf(node: Nodes, anchors: ReadonlySet<string>): string | null {
  if (node.type === "image" && (node.alt ?? "") === "")
    return `the image ${node.url} has no words in its place`;
  if (node.type !== "link" && node.type !== "definition") return null;
  const name = node.type === "link" ? toString(node) : (node.label ?? node.identifier);
  if (name === "") return `the link to ${node.url} has no words`;
  if (node.url === "") return `the link «${name}» leads nowhere`;
  if (node.url.startsWith("#") && !anchors.has(node.url))
    return `«${name}» leads to ${node.url}, which is not there`;
  const absolute = /^[a-z][a-z\d+.-]*:/i.test(node.url);
  return absolute && !URL.canParse(node.url) ? `«${name}» leads to ${node.url}, which is no address` : null;
}

function lineOf(node: Nodes): number {
  return node.position?.start.line ?? 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await agent.run();
