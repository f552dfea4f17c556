/** Every setting survives every way that a picture's settings take: PNG, link, gallery zip and form. The command line has the same test. */
import { encode } from "fast-png";
import { expect, test } from "vitest";
import { unzipGallery, zipGallery } from "../gallery/archive";
import type { PictureRecord } from "../records/picture";
import { emptyForm } from "../settings/form";
import { info } from "../testing/model-info";
import { OTHER_VALUES as VALUES } from "../testing/settings";
import { readLink, settingsLink } from "./link";
import { readSettings } from "./read-settings";
import { restore } from "./restore";
import { withSettings } from "./write-settings";

const { maskFeather: _, takeover: __, ...ofTheForm } = VALUES;
const model = { id: "m", title: "M" };

const png = () => new Blob([new Uint8Array(encode({ width: 1, height: 1, data: new Uint8Array(4), channels: 4 }))]);

test("a PNG file", async () => {
  const found = await readSettings(await withSettings(png(), { settings: VALUES, model }));
  expect(found).toMatchObject({ source: "Darkroom", unmapped: [] });
  expect(found?.settings).toEqual(VALUES);
});

test("a link", () => {
  const { hash } = new URL(settingsLink("https://example.com/", { settings: VALUES, model }));
  expect(readLink(hash)?.settings).toEqual(VALUES);
});

test("a gallery's zip", async () => {
  const record: PictureRecord = { id: "a", created: 1, model, settings: VALUES, width: 1, height: 1, bytes: 1 };
  const zip = await new Response(
    zipGallery(
      [record],
      async () => png(),
      () => {},
    ),
  ).blob();
  const records: PictureRecord[] = [];
  await unzipGallery(zip, async (read) => void records.push(read));
  expect(records.map(({ settings }) => settings)).toEqual([VALUES]);
});

test("the form carries what it has no input for", () => {
  const known = { ...info, maxSize: 512 };
  const { form, unmapped } = restore(emptyForm(), { source: "Darkroom", settings: ofTheForm, unmapped: [] }, known);
  expect(unmapped).toEqual([]);
  expect(form.carried).toEqual({
    plainPrompt: true,
    guidanceRescale: 0.3,
    eta: 0.4,
    noiseSeed: 99,
    variation: VALUES.variation,
    highResolution: VALUES.highResolution,
  });
});
