/** The example that checks Markdown, rehearsed. */

import { rehearse } from "@ymera/client/agent/testing";
import { expect, test } from "vitest";

import { agent } from "../examples/markdown-checker.js";

const FAULTY = `# Moon

### Landing

See [the plan](#plan), [the crew](#crew) and [nothing]().
![](moon.png) and ![the Moon](moon.png)
[Docs](https://[half) and [more](https://example.org), [here](other.md)

## Crew

## Crew

[later]: #later
`;

test("what is wrong is told by line, and the outline is attached", async () => {
  const ended = await rehearse(agent, "check-markdown", { description: FAULTY, deepest: 2 }).ended;
  expect(ended.result).toEqual({
    sections: 4,
    problems: [
      { line: 3, problem: "«Landing» is a heading of level 3 under one of level 1" },
      { line: 5, problem: "«the plan» leads to #plan, which is not there" },
      { line: 5, problem: "the link «nothing» leads nowhere" },
      { line: 6, problem: "the image moon.png has no words in its place" },
      { line: 7, problem: "«Docs» leads to https://[half, which is no address" },
      { line: 13, problem: "«later» leads to #later, which is not there" },
    ],
  });
  expect(ended.summary).toBe("6 to mend");
  expect(ended.output.split("\n")).toHaveLength(7);
  expect(ended.artifacts.map(({ name, text }) => [name, text])).toEqual([
    ["outline.md", "- [Moon](#moon)\n  - [Crew](#crew)\n  - [Crew](#crew-1)\n"],
  ]);
});

test("where nothing is wrong, it says so", async () => {
  const { result, summary } = await rehearse(agent, "check-markdown", {
    description: "# Moon\n\n[up](#moon)",
  }).ended;
  expect(result).toEqual({ sections: 1, problems: [] });
  expect(summary).toBe("Nothing to complain of");
});

test("it takes no other input", () => {
  expect(() => rehearse(agent, "check-markdown", { text: "# Moon" })).toThrow("'description'");
});
