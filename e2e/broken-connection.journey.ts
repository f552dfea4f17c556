/** The connection breaks while the built-in model is fetched: nothing that has arrived is fetched again. */
import { expect, test } from "./fixtures.ts";
import { type OwnServer, unetWeights } from "./servers.ts";

const wish = { prompt: "a red apple", steps: 1, seed: 9 };

/** Breaks the connection in the middle of the U-Net's weights, as long as it is `down`. */
async function breakInTheMiddle(server: OwnServer, onBreak: () => unknown = () => {}) {
  const { name, bytes } = await unetWeights(server);
  const line = { down: true, ranges: [] as string[], sent: 0, size: bytes.length };
  server.onRequest((request, response) => {
    if (!request.url?.endsWith(`safelight/${name}`)) return;
    line.ranges.push(request.headers.range ?? "whole");
    const write = response.write.bind(response) as (chunk: Buffer) => boolean;
    response.write = (chunk: Buffer) => {
      if (!line.down || line.sent + chunk.length < line.size / 2) {
        line.sent += chunk.length;
        return write(chunk);
      }
      // What was written before has arrived by then.
      setTimeout(() => {
        response.destroy();
        onBreak();
      }, 500);
      return false;
    };
  });
  return line;
}

test("offline in the middle of a file, it waits, and goes on where it was when the network is back", async ({
  context,
  darkroom,
  page,
  startServer,
}) => {
  const server = await startServer();
  const line = await breakInTheMiddle(server, () => {
    line.down = false;
  });
  // Offline before the connection breaks: the browser hears of both.
  const half = new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (line.sent < line.size * 0.4) return;
      clearInterval(timer);
      resolve();
    }, 10);
  });
  await page.goto(`${server.url}?device=cpu`);
  await half;
  await context.setOffline(true);
  await expect(page.getByText("Waiting for the network to load Safelight 1")).toBeVisible();
  await context.setOffline(false);
  await darkroom.ready();
  expect(line.ranges).toEqual(["whole", expect.stringMatching(/^bytes=[1-9]\d+-$/)]);
  expect(line.sent).toBeLessThan(line.size * 1.1);
  await darkroom.chooseSmallestSize();
  await darkroom.make(wish);
});

test("a host that breaks off again and again: the model is named, and the next visit goes on from there", async ({
  darkroom,
  page,
  startServer,
}) => {
  const server = await startServer();
  const line = await breakInTheMiddle(server);
  await page.goto(`${server.url}?device=cpu`);
  const sentence =
    "Safelight 1 cannot be fetched completely; check the connection and load again: what has arrived is kept.";
  await expect(page.getByRole("main").getByText(sentence)).toBeVisible();
  line.down = false;
  line.ranges.length = 0;
  await darkroom.reload();
  expect(line.ranges).toEqual([expect.stringMatching(/^bytes=[1-9]\d+-$/)]);
  expect(line.sent).toBeLessThan(line.size * 1.1);
});
