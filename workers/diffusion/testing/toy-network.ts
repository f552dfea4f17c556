/** The small fixed network of training/reference/golden.py, line for line. */
import type { Tensor } from "../../tensor/tensor.ts";
import { fromPrediction, predictionType } from "../denoiser.ts";
import type { Denoise, SchedulerConfig } from "../types.ts";

const MIX = [
  [0.9, -0.4, 0.2, 0.1],
  [0.3, 0.8, -0.5, 0.2],
  [-0.2, 0.4, 1.1, -0.3],
  [0.1, -0.6, 0.3, 0.7],
];
const BIAS = [0.3, -0.2, 0.5, -0.4];
const CURVE = [0.6, 0.4, -0.8, 0.5];

export function toyNetwork({ data, dims }: Tensor, timestep: number): Tensor {
  const tau = timestep / 1000;
  const pixels = dims[2] * dims[3];
  const out = data.map((_, i) => {
    const channel = Math.floor(i / pixels);
    const mixed = MIX[channel].reduce((sum, weight, c) => sum + weight * data[c * pixels + (i % pixels)], 0);
    const biased = mixed + tau * BIAS[channel];
    return biased / (1 + Math.abs(biased)) + tau * (1 - tau) * CURVE[channel];
  });
  return { data: out, dims };
}

/** The toy network as a denoiser of a config's prediction type; `onCall` hears every timestep. */
export function toyDenoiser(config: SchedulerConfig, onCall: (timestep: number) => void = () => {}): Denoise {
  const type = predictionType(config);
  return async (x, level) => {
    onCall(level.timestep);
    return fromPrediction(type, toyNetwork(x, level.timestep), x, level);
  };
}
