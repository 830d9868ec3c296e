import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "core",
          include: ["tests/*.test.ts", "tests/crypto/*.test.ts", "tests/sealed/*.test.ts"],
          // Many try things at random: on a slow machine that takes its time.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "server",
          include: ["tests/server/*.test.ts"],
          globalSetup: ["tests/server/shared.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 3,
          // Groups that are run with different numbers of workers come one after the other.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
