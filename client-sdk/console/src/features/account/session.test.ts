import { YmeraError } from "@ymera/client";
import { expect, it } from "vitest";

import { afterSignIn, faultsOf, safePath, signInFor } from "./session";

it("returns only to pages of this console", () => {
  expect(safePath("/projects/1?task=2")).toBe("/projects/1?task=2");
  for (const elsewhere of [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    7,
    undefined,
  ]) {
    expect(safePath(elsewhere)).toBe("/");
  }
  expect(safePath("/signin?next=/signin")).toBe("/");
});

it("leads through the sign-in and back with nothing of what is behind a # before it", () => {
  for (const address of ["/i/1#secret", "/members?q=Bo#a#b", "/inbox", "/#x"]) {
    const { search, hash } = signInFor(address);
    expect(search.next ?? "").not.toMatch(/#|secret/);
    expect(afterSignIn(search.next, `/signin#${hash}`)).toBe(address);
  }
  expect(signInFor("/")).toEqual({ search: {}, hash: "" });
});

it("goes nowhere else for what is behind the # of the sign-in", () => {
  expect(afterSignIn("//evil.example", "/signin?next=%2F%2Fevil.example#//evil.example")).toBe(
    "/#//evil.example",
  );
  expect(afterSignIn(undefined, "/signin")).toBe("/");
});

it("puts a refusal beside the field that it names", () => {
  const refusal = (path: string) =>
    new YmeraError({
      code: "invalid",
      message: "Too short.",
      retryable: false,
      data: { path },
      correlation_id: "",
    });
  const named = faultsOf(refusal("password"));
  expect(named.field("password")).toBe("Too short.");
  expect(named.field("email")).toBeNull();
  expect(named.form).toBeNull();
  expect(faultsOf(refusal("cookie")).form).toBe("Too short.");
  expect(faultsOf(null).form).toBeNull();
});
