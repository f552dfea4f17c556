/** `npm run test:browsers`: short journeys in the browsers that are not Chromium, where they are installed. */
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "e2e/browsers",
  testMatch: "*.browser.ts",
  workers: 1,
  fullyParallel: false,
  timeout: 600_000,
  forbidOnly: !!process.env.CI,
  reporter: "list",
});
