import { describe, expect, it } from "vitest";
import type { Picture, Settings } from "../../workers/protocol";
import type { StartImageState } from "../image/start-image";
import type { Run } from "../runs/run";
import { info } from "../testing/model-info";
import { type Press, repeatedRun } from "./repeat";

const settings = { prompt: "a", seed: 1 } as Settings;
const none: StartImageState = { source: null, fit: "crop", strength: 0.5, mask: null, feather: 8, error: null };
const photo = { ...none, source: { name: "photo" } as StartImageState["source"] };
const press = (patch: Partial<Press> = {}): Press => ({ info, runs: [{ settings }], start: none, ...patch });
const run = (patch: Partial<Run> = {}) => ({ number: 1, status: "done", settings, ...patch }) as Run;
const image = { picture: {} as Picture, strength: 0.5 };

describe("Generate pressed again", () => {
  it.each(["queued", "running", "done"] as const)("would draw the run that is %s once more", (status) => {
    expect(repeatedRun(press(), press(), [run({ status })])?.number).toBe(1);
  });

  it.each(["cancelled", "failed"] as const)("draws a run that is %s", (status) => {
    expect(repeatedRun(press(), press(), [run({ status })])).toBeNull();
  });

  it("draws another picture where the settings, the number, the model or the start image differ", () => {
    const runs = [run()];
    expect(repeatedRun(press(), null, runs)).toBeNull();
    expect(repeatedRun(press({ runs: [{ settings: { ...settings, seed: 2 } }] }), press(), runs)).toBeNull();
    expect(repeatedRun(press({ runs: [{ settings }, { settings }] }), press(), runs)).toBeNull();
    expect(repeatedRun(press({ info: { ...info } }), press(), runs)).toBeNull();
    expect(repeatedRun(press({ start: photo }), press(), runs)).toBeNull();
    expect(
      repeatedRun(press({ start: { ...photo, strength: 0.6 } }), press({ start: photo }), [run({ image })]),
    ).toBeNull();
  });

  it("knows a run from a start image, with the feather that a mask adds to its settings", () => {
    const masked = { ...photo, mask: {} as Picture };
    const made = run({ image, settings: { ...settings, maskFeather: 8 } });
    expect(repeatedRun(press({ start: masked }), press({ start: masked }), [made])).toBe(made);
    expect(repeatedRun(press({ start: { ...masked, feather: 0 } }), press({ start: masked }), [made])).toBeNull();
  });
});
