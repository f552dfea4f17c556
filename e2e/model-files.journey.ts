import { rm } from "node:fs/promises";
import { expect, test } from "./fixtures.ts";
import { replaceFile, unetWeights } from "./servers.ts";

const damages = {
  missing: (path: string) => rm(path),
  "cut short": (path: string, bytes: Buffer) => replaceFile(path, bytes.subarray(0, bytes.length / 2)),
  changed: (path: string, bytes: Buffer) => {
    const changed = Buffer.from(bytes);
    changed[changed.length >> 1] ^= 1;
    return replaceFile(path, changed);
  },
};

for (const [how, damage] of Object.entries(damages)) {
  test(`a model file is ${how}: it is named, and loading again goes on once it is whole`, async ({
    darkroom,
    startServer,
  }) => {
    const server = await startServer();
    const { name, path, bytes } = await unetWeights(server);
    await damage(path, bytes);
    await darkroom.page.goto(`${server.url}?device=cpu`);
    await darkroom.prompt.fill("a red apple");
    const again = darkroom.page.getByRole("button", { name: "Load again" });
    await expect(again).toBeVisible();
    await expect(darkroom.page.getByRole("main").getByText(name)).toBeVisible();

    await replaceFile(path, bytes);
    await again.click();
    await darkroom.ready();
    await expect(darkroom.prompt).toHaveValue("a red apple");
    await darkroom.make({ prompt: "a red apple", steps: 1, seed: 1 });
  });
}
