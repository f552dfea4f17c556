import { defineConfig } from "@playwright/test";
import { browserArgs, findBrowser } from "./e2e/browser.ts";

export default defineConfig({
  testDir: "e2e",
  testMatch: "*.journey.ts",
  // The engine takes every core: two journeys at once would only wait for each other.
  workers: 1,
  fullyParallel: false,
  // A software GPU on two busy cores is slow; nothing here is about speed.
  timeout: 240_000,
  expect: { timeout: 120_000 },
  forbidOnly: !!process.env.CI,
  reporter: "list",
  webServer: {
    command: "npx tsx cli/serve.ts --port 4273",
    // The server takes the next free port and says which.
    wait: { stdout: /http:\/\/localhost:(?<darkroom_port>\d+)\// },
    timeout: 60_000,
  },
  use: {
    baseURL: `http://localhost:${process.env.DARKROOM_PORT}/`,
    trace: "off",
    launchOptions: {
      executablePath: findBrowser(),
      // Headless Chromium's WebGPU is a software adapter behind this flag; the automatic choice takes the CPU there.
      args: [...browserArgs, "--enable-unsafe-webgpu"],
    },
  },
});
