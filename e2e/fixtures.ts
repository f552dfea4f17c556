import { test as base, expect } from "@playwright/test";
import { DarkroomPage } from "./pages/darkroom.page.ts";
import { type Headers, type OwnServer, startOwnServer } from "./servers.ts";

interface Guard {
  strangers: string[];
  violations: string[];
  errors: string[];
}

interface Fixtures {
  darkroom: DarkroomPage;
  /** Starts a server of the journey's own; it is stopped with the journey. */
  startServer: (headers?: Headers) => Promise<OwnServer>;
  /** Holds in every journey: no other origin is asked, the content policy is not broken, no error goes uncaught. */
  guard: Guard;
}

export const test = base.extend<Fixtures>({
  darkroom: async ({ page }, use) => {
    await use(new DarkroomPage(page));
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
  startServer: async ({}, use, testInfo) => {
    const servers: OwnServer[] = [];
    await use(async (headers = "secure") => {
      const server = await startOwnServer(testInfo.outputPath(`server-${servers.length}`), headers);
      servers.push(server);
      return server;
    });
    for (const server of servers) await server.stop();
  },
  guard: [
    async ({ context }, use) => {
      const guard: Guard = { strangers: [], violations: [], errors: [] };
      context.on("request", (request) => {
        const { protocol, hostname } = new URL(request.url());
        if (/^(https?|wss?):$/.test(protocol) && hostname !== "localhost") guard.strangers.push(request.url());
      });
      context.on("console", (message) => {
        if (/content security policy/i.test(message.text())) guard.violations.push(message.text());
      });
      context.on("weberror", (error) => guard.errors.push(String(error.error())));
      await use(guard);
      expect(guard.strangers, "requests to other origins").toEqual([]);
      expect(guard.violations, "violations of the content policy").toEqual([]);
      expect(guard.errors, "uncaught errors").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
