import { expect, test } from "./fixtures.ts";
import { OpeningPage, textsOf, webuiFile, webuiJpeg } from "./pages/opening.page.ts";

const wish = {
  prompt: 'a "red" apple: ripe 🍎',
  negativePrompt: "blurry, dark",
  steps: 2,
  guidanceScale: 4.5,
  seed: 77,
};

test("a picture carries its settings: its file and its link bring them back", async ({ darkroom, context }) => {
  const opening = new OpeningPage(darkroom.page);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await darkroom.open();
  await darkroom.chooseSmallestSize();
  await darkroom.make(wish);
  const png = await opening.downloadPng();
  const { parameters, darkroom: own } = textsOf(png);
  expect(parameters).toContain(`${wish.prompt}\nNegative prompt: ${wish.negativePrompt}\nSteps: 2, Sampler: `);
  expect(JSON.parse(own).settings).toMatchObject(wish);

  await opening.copyLink.click();
  await expect(darkroom.page.getByRole("button", { name: "Link copied" })).toBeVisible();
  const link = await darkroom.page.evaluate(() => navigator.clipboard.readText());

  const changed = { prompt: "something else", negativePrompt: "", steps: 9, guidanceScale: 1, seed: 5 };
  const restored = async () => {
    await expect(darkroom.prompt).toHaveValue(wish.prompt);
    await expect(darkroom.negativePrompt).toHaveValue(wish.negativePrompt);
    await expect(darkroom.steps).toHaveValue("2");
    await expect(darkroom.guidanceScale).toHaveValue("4.5");
    await expect(darkroom.seed).toHaveValue("77");
    await expect(opening.notice).toContainText("made with Darkroom");
    await expect(opening.unmapped).toHaveCount(0);
  };
  for (const hand of [() => opening.open(png), () => opening.hand("drop", png), () => opening.hand("paste", png)]) {
    await darkroom.fill(changed);
    await hand();
    await restored();
  }

  await darkroom.fill(changed);
  await darkroom.page.goto("about:blank");
  await darkroom.open(link);
  await restored();
  expect(new URL(darkroom.page.url()).hash).toBe("");
});

test("a file of AUTOMATIC1111's is taken over as far as it goes, a broken one changes nothing", async ({
  darkroom,
}) => {
  const opening = new OpeningPage(darkroom.page);
  await darkroom.open();
  await opening.hand(
    "drop",
    webuiFile(
      "caf\xe9\nNegative prompt: dark\nSteps: 7, Sampler: Euler a, Schedule type: Karras, CFG scale: 3, Seed: 12, Size: 64x99999, Clip skip: 2",
    ),
  );
  await expect(darkroom.prompt).toHaveValue("café");
  await expect(darkroom.steps).toHaveValue("7");
  await expect(darkroom.sampler).toHaveValue("euler-ancestral");
  await expect(opening.notice).toContainText("made with AUTOMATIC1111");
  const lines = (await opening.unmapped.allTextContents()).join("\n");
  for (const part of ["Schedule type: Karras", "Height: 99999 (Height must be", "Clip skip: 2", "RNG GPU"])
    expect(lines).toContain(part);

  const broken = webuiFile("cat\nSteps: 1, Seed: 2, Size: 64x64");
  broken[60] ^= 1;
  await opening.hand("drop", broken);
  await expect(opening.notice).toContainText("wrong checksum");
  await expect(darkroom.prompt).toHaveValue("café");
  await opening.notice.getByRole("button", { name: "Dismiss" }).click();
  await expect(opening.notice).toBeEmpty();
});

test("a JPEG of Civitai's is read, and settings that were pasted into the prompt are offered", async ({ darkroom }) => {
  const opening = new OpeningPage(darkroom.page);
  await darkroom.open();
  await opening.hand(
    "drop",
    webuiJpeg("a fox, Größe\nNegative prompt: dark\nSteps: 6, Seed: 3, Size: 64x64"),
    "fox.jpg",
  );
  await expect(darkroom.prompt).toHaveValue("a fox, Größe");
  await expect(darkroom.steps).toHaveValue("6");
  await expect(opening.notice).toContainText("made with AUTOMATIC1111");

  const notes = darkroom.page.getByRole("status", { name: "Notes on the prompt" });
  await darkroom.prompt.fill("a hill\nNegative prompt: fog\nSteps: 9, CFG scale: 3, Seed: 8, Size: 64x64");
  await expect(notes).toContainText("settings text of a picture made with AUTOMATIC1111");
  await notes.getByRole("button", { name: "Apply the settings" }).click();
  await expect(darkroom.prompt).toHaveValue("a hill");
  await expect(darkroom.negativePrompt).toHaveValue("fog");
  await expect(darkroom.steps).toHaveValue("9");
  await expect(notes).toBeEmpty();
});

test("tags and comments in a prompt are said to be ignored", async ({ darkroom }) => {
  await darkroom.open();
  const notes = darkroom.page.getByRole("status", { name: "Notes on the prompt" });
  await darkroom.prompt.fill("# light\na red apple <lora:ink:0.8> AND a cat");
  await expect(notes).toContainText("<lora:ink:0.8> is ignored. Add ink under Models.");
  await expect(notes).toContainText("“# light” is ignored as a comment.");
  await expect(notes).toContainText("AND is read as a comma.");
  await darkroom.negativePrompt.fill("fog <lora:ink:1>");
  await expect(notes).toContainText("In the negative prompt: <lora:ink:1> is ignored.");
  await darkroom.prompt.fill("a red apple");
  await darkroom.negativePrompt.fill("");
  await expect(notes).toBeEmpty();
});
