import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { listFiles } from "../cli/list-files.ts";
import { expect, test } from "./fixtures.ts";
import { ModelsPage } from "./pages/models.page.ts";

const tiny = fileURLToPath(new URL("../workers/testing/families/stable-diffusion/", import.meta.url));

test("a plain folder on the page's host is opened by its address, stays after a reload, and is forgotten", async ({
  darkroom,
  startServer,
}) => {
  const { url, root } = await startServer();
  for (const path of await listFiles(tiny)) {
    const copy = join(root, "mine/small", relative(tiny, path));
    await mkdir(dirname(copy), { recursive: true });
    await writeFile(copy, await readFile(path));
  }
  await darkroom.open(`${url}?device=cpu`);
  const models = new ModelsPage(darkroom.page);
  await models.open();
  await models.openAddress("https://example.org/model/");
  await expect(models.dialog.getByRole("alert")).toHaveText(/own host, localhost:\d+, only.*open it from the disk/);

  await models.openAddress("mine/nothing");
  await expect(darkroom.page.getByRole("main").getByText(/neither darkroom\.json nor model_index\.json/)).toBeVisible();
  await models.open();
  await models.openAddress("mine/small");
  await darkroom.ready();
  await expect(darkroom.model.locator("option:checked")).toHaveText("small (address)");
  await darkroom.chooseSmallestSize();
  const made = await darkroom.make({ prompt: "a red apple", steps: 2, seed: 1 });

  await darkroom.reload();
  await darkroom.ready();
  await expect(darkroom.model.locator("option:checked")).toHaveText("small (address)");
  await darkroom.chooseSmallestSize();
  expect((await darkroom.make({ prompt: "a red apple", steps: 2, seed: 1 })).equals(made)).toBe(true);

  await models.open();
  await models.forget("nothing (address)");
  await models.dialog.getByRole("button", { name: "Use Safelight 1", exact: true }).click();
  await darkroom.ready();
  await models.open();
  await models.forget("small (address)");
  await darkroom.reload();
  await darkroom.ready();
  await expect(darkroom.model.locator("option", { hasText: "(address)" })).toHaveCount(0);
});
