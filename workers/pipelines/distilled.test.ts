import { expect, test } from "vitest";
import { distilledDefaults } from "./distilled.ts";

const TURBO = { _class_name: "EulerDiscreteScheduler", timestep_spacing: "trailing", prediction_type: "epsilon" };
const ONE_STEP = { steps: 1, guidanceScale: 0 };

test.each([
  ["sd-turbo", TURBO, ONE_STEP],
  ["webnn/sdxl-turbo", { ...TURBO, _class_name: "EulerAncestralDiscreteScheduler" }, ONE_STEP],
  ["C:\\models\\SDXLTurbo", TURBO, ONE_STEP],
  ["sdxl_lightning", TURBO, { steps: 4, guidanceScale: 1 }],
  ["SDXL-Lightning-8step", TURBO, { steps: 8, guidanceScale: 1 }],
  // the same scheduler without a name that says so
  ["my-model", TURBO, undefined],
  ["turbocharged-cars", TURBO, undefined],
  // a name that says so without the scheduler
  ["dreamshaper-turbo", { ...TURBO, timestep_spacing: "leading" }, undefined],
  ["turbo", { ...TURBO, _class_name: "DPMSolverMultistepScheduler" }, undefined],
  ["turbo-v", { ...TURBO, prediction_type: "v_prediction" }, undefined],
  ["turbo-zsnr", { ...TURBO, rescale_betas_zero_snr: true }, undefined],
  ["sd3.5-turbo", { _class_name: "FlowMatchEulerDiscreteScheduler", timestep_spacing: "trailing" }, undefined],
])("%s with %j", (name, config, expected) => {
  expect(distilledDefaults([name], config)).toEqual(expected);
});

test("the name may stand in the model's files", () => {
  expect(distilledDefaults(["model", undefined, "stabilityai/sd-turbo"], TURBO)).toEqual(ONE_STEP);
});
