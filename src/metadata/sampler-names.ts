/** What other tools call our samplers, and their noise schedules. */

/** AUTOMATIC1111's names, of which the first one is written, ComfyUI's and Fooocus', and the other programs'. */
const NAMES: { id: string; webui: string[]; comfy: string[]; others?: string[] }[] = [
  { id: "euler", webui: ["Euler"], comfy: ["euler"] },
  { id: "euler-ancestral", webui: ["Euler a"], comfy: ["euler_ancestral"], others: ["euler_a"] },
  { id: "ddim", webui: ["DDIM"], comfy: ["ddim"], others: ["ddim_v3"] },
  { id: "ddpm", webui: ["DDPM"], comfy: ["ddpm"] },
  { id: "dpmpp-2m", webui: ["DPM++ 2M"], comfy: ["dpmpp_2m"] },
  { id: "dpmpp-2m-sde", webui: ["DPM++ 2M SDE"], comfy: ["dpmpp_2m_sde", "dpmpp_2m_sde_gpu"] },
  { id: "dpmpp-sde", webui: ["DPM++ SDE"], comfy: ["dpmpp_sde", "dpmpp_sde_gpu"] },
  { id: "dpmpp-2s", webui: ["DPM++ 2S"], comfy: [], others: ["dpmpp_2s"] },
  { id: "dpmpp-2s-sde", webui: ["DPM++ 2S SDE"], comfy: [] },
  { id: "dpm-solver", webui: ["DPM-Solver 2M"], comfy: [] },
  { id: "dpm-solver-sde", webui: ["DPM-Solver 2M SDE"], comfy: [] },
  { id: "dpm-solver-2s", webui: ["DPM-Solver 2S"], comfy: [] },
  { id: "unipc", webui: ["UniPC"], comfy: ["uni_pc", "uni_pc_bh2"] },
  { id: "heun", webui: ["Heun"], comfy: ["heun"] },
  { id: "kdpm2", webui: ["DPM2"], comfy: ["dpm_2"], others: ["dpm2", "kdpm_2"] },
  { id: "kdpm2-ancestral", webui: ["DPM2 a"], comfy: ["dpm_2_ancestral"], others: ["dpm2_a", "kdpm_2_a"] },
  { id: "lms", webui: ["LMS"], comfy: ["lms"] },
  { id: "pndm", webui: ["PLMS"], comfy: [], others: ["pndm"] },
  { id: "deis", webui: ["DEIS"], comfy: ["deis"] },
  { id: "lcm", webui: ["LCM"], comfy: ["lcm"] },
  { id: "tcd", webui: ["TCD"], comfy: ["tcd"] },
  { id: "flow-euler", webui: ["Euler"], comfy: ["euler"] },
  { id: "flow-heun", webui: ["Heun"], comfy: ["heun"] },
];

/** AUTOMATIC1111's name of one of our samplers. */
export function webuiName(id: string): string {
  return NAMES.find((sampler) => sampler.id === id)?.webui[0] ?? id;
}

/** Our sampler of a name in any of these tools. */
export function samplerOfName(name: string): string | undefined {
  const wanted = name.trim().toLowerCase().replace(/^k_/, "");
  const names = ({ webui, comfy, others = [] }: (typeof NAMES)[number]) => [...webui, ...comfy, ...others];
  return NAMES.find((sampler) => names(sampler).some((one) => one.toLowerCase() === wanted))?.id;
}

/** The same algorithm among the samplers that a model offers: flow matching models have their own Euler and Heun. */
export function offered(id: string, samplers: readonly { id: string }[]): string | undefined {
  return [id, `flow-${id}`, id.replace(/^flow-/, "")].find((one) => samplers.some((sampler) => sampler.id === one));
}

/** "DPM++ 2M Karras", as AUTOMATIC1111 wrote it until version 1.8, is a sampler and a schedule; so is Draw Things' "Euler A Trailing". */
export function splitSchedule(name: string): { sampler: string; schedule?: string } {
  const found = /^(.*\S) (Karras|Exponential|Polyexponential|Trailing|AYS|Substep|SGM Uniform)$/i.exec(name);
  return found ? { sampler: found[1], schedule: found[2] } : { sampler: name };
}

/** Schedules that leave the levels to the model, as all runs here do. */
export function isModelSchedule(schedule: string): boolean {
  return ["", "automatic", "uniform", "normal", "simple"].includes(schedule.trim().toLowerCase());
}
