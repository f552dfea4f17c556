import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{src,workers,cli,e2e,scripts}/**/*.test.{ts,tsx}"],
    // Two cores of a busy machine: a test waits rather than fails.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
