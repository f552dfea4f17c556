import { cp, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "./fixtures.ts";
import { ModelsPage } from "./pages/models.page.ts";
import { OpeningPage } from "./pages/opening.page.ts";

const testing = fileURLToPath(new URL("../workers/testing/", import.meta.url));

test("a LoRA is added, weighed, switched off, dropped, and deleted; its pictures name it", async ({
  page,
  darkroom,
}, testInfo) => {
  // The tiny model, with the graphs that keep their layers' names.
  const folder = testInfo.outputPath("named");
  await cp(`${testing}families/stable-diffusion`, folder, { recursive: true });
  await cp(`${testing}lora`, folder, { recursive: true });
  const models = new ModelsPage(page);
  const wish = { prompt: "a red apple", steps: 2, seed: 1 };

  await darkroom.open("./?device=cpu&test");
  await page.evaluate(() => Reflect.deleteProperty(window, "showDirectoryPicker"));
  await models.open();
  const picking = page.waitForEvent("filechooser");
  await models.dialog.getByRole("button", { name: "Open a folder" }).click();
  await (await picking).setFiles(folder);
  await expect(darkroom.model.locator("option:checked")).toHaveText("named (folder)");
  await darkroom.ready();
  await darkroom.chooseSmallestSize();
  const plain = await darkroom.make(wish);

  await models.open();
  await models.addLora(`${testing}lora/kohya.safetensors`);
  await expect(models.loras).toContainText("kohya");
  await models.applyLoras();
  await darkroom.ready();
  const whole = await darkroom.make(wish);
  expect(whole).not.toEqual(plain);

  // A new engine merges it again.
  await darkroom.killWorker();
  expect(await darkroom.make(wish)).toEqual(whole);

  await models.open();
  await expect(models.action("Delete", "kohya")).toBeDisabled();
  await models.weigh("kohya", 0);
  await models.applyLoras();
  await darkroom.ready();
  expect(await darkroom.make(wish)).toEqual(plain);

  await models.open();
  await models.useLora("kohya").uncheck();
  await models.applyLoras();
  await darkroom.ready();
  expect(await darkroom.make(wish)).toEqual(plain);
  await models.open();
  await models.action("Delete", "kohya").click();
  await expect(models.useLora("kohya")).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(page.locator("dialog")).toHaveCount(0); // closed at once, gone with its close event

  // One that is none: the sentence names what does not fit, and without it the model loads again.
  const bytes = Buffer.from(
    (await readFile(`${testing}lora/kohya.safetensors`)).toString("latin1").replaceAll("lora_down", "lora_dawn"),
    "latin1",
  );
  await new OpeningPage(page).hand("drop", bytes, "wrong.safetensors");
  await expect(models.useLora("wrong")).toBeChecked();
  await models.applyLoras();
  await models.open();
  await expect(models.loras).toContainText(
    /wrong\.safetensors cannot be used: none of its tensors makes up a layer .* \("lora_\w+\.lora_dawn\.weight", for one\)/,
  );
  await models.useLora("wrong").uncheck();
  await models.applyLoras();
  await darkroom.ready();
  expect(await darkroom.make(wish)).toEqual(plain);
});
