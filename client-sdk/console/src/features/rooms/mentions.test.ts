import { describe, expect, it } from "vitest";

import { complete, mentionAt, plain, suggest, toDraft, toWire } from "./mentions";

const ADA = { id: "0198c2d4-7a10-7c3e-9b1f-2f6f0c9a4e11", name: "Ada" };
const LOVELACE = { id: "0198c2d4-7a10-7c3e-9b1f-2f6f0c9a4e12", name: "Ada Lovelace" };
const BO = { id: "0198c2d4-7a10-7c3e-9b1f-2f6f0c9abbbb", name: "Bo (ops)" };
const TWIN = { id: "0198c2d4-7a10-7c3e-9b1f-2f6f0c9acccc", name: "Bo (ops)" };

describe("toWire", () => {
  it("takes the longest name", () => {
    expect(toWire("hi @Ada Lovelace!", [ADA, LOVELACE])).toBe(`hi @[Ada Lovelace](${LOVELACE.id})!`);
    expect(toWire("@ada: look", [ADA, LOVELACE])).toBe(`@[Ada](${ADA.id}): look`);
  });

  it("leaves addresses, longer words and tokens alone", () => {
    const text = `mail me@Ada or @Adamant, and @[Ada](${ADA.id})`;
    expect(toWire(text, [ADA])).toBe(text);
  });

  it("tells people of one name apart, and comes back from a draft", () => {
    const wire = `ask @[Bo (ops)](${TWIN.id}) and @[Bo (ops)](${BO.id})`;
    const draft = toDraft(wire, [BO, TWIN]);
    expect(draft).toBe("ask @Bo (ops) (cccc) and @Bo (ops) (bbbb)");
    expect(toWire(draft, [BO, TWIN])).toBe(wire);
  });

  it("keeps brackets in a name from ending the token early", () => {
    expect(toWire("@A[1]", [{ id: ADA.id, name: "A[1]" }])).toBe(`@[A 1](${ADA.id})`);
  });
});

describe("mentionAt", () => {
  it("finds what is being written", () => {
    expect(mentionAt("hello @ad", 9)).toEqual({ start: 6, query: "ad" });
    expect(mentionAt("@Ada Lo", 7)).toEqual({ start: 0, query: "Ada Lo" });
    expect(mentionAt("(@", 2)).toEqual({ start: 1, query: "" });
  });

  it("is silent in addresses and after the mention", () => {
    expect(mentionAt("me@ex", 5)).toBeNull();
    expect(mentionAt("@Ada is here", 12)).toBeNull();
  });
});

it("suggests beginnings of names, then of their words", () => {
  expect(suggest([LOVELACE, BO, ADA], "l").map(({ id }) => id)).toEqual([LOVELACE.id]);
  expect(suggest([LOVELACE, BO, ADA], "").map(({ name }) => name)).toEqual([
    "Ada",
    "Ada Lovelace",
    "Bo (ops)",
  ]);
});

it("completes at the caret", () => {
  const draft = "hi @ad and more";
  expect(complete(draft, 6, { start: 3, query: "ad" }, "Ada")).toEqual({
    draft: "hi @Ada and more",
    caret: 8,
  });
});

it("flattens a text for an excerpt", () => {
  expect(plain(`one\n\n@[Ada](${ADA.id}) two`)).toBe("one @Ada two");
});
