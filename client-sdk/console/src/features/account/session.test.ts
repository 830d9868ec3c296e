import { YmeraError } from "@ymera/client";
import { expect, it } from "vitest";

import { faultsOf, safePath } from "./session";

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
