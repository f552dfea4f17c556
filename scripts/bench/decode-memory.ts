/**
 * A process of its own that decodes latents of one size with the built-in model and prints, as JSON, its peak memory in bytes: with
 * the decoder loaded, and after the decode. For the benchmark, which compares sizes.
 */
import { readFile } from "node:fs/promises";
import { openNodeRuntime } from "../../cli/node-runtime.ts";
import { createVaeDecoder, type VaeConfig } from "../../workers/models/parts/vae.ts";
import { networkFactory } from "../../workers/models/runtime/network.ts";

const folder = new URL("../../public/models/safelight/vae_decoder/", import.meta.url);
const side = Number(process.argv[2]);
const peak = () => process.resourceUsage().maxRSS * 1024;

const createNetwork = networkFactory(await openNodeRuntime("cpu"));
const network = await createNetwork("vae_decoder/model.onnx", await readFile(new URL("model.onnx", folder)));
const config = JSON.parse(await readFile(new URL("config.json", folder), "utf8")) as VaeConfig;
const decoder = createVaeDecoder(network, config);
const loaded = peak();
const cells = side / decoder.scaleFactor;
const dims = [1, decoder.latentChannels, cells, cells];
await decoder.decode({ data: new Float32Array(decoder.latentChannels * cells ** 2).fill(0.1), dims });
process.stdout.write(JSON.stringify({ loaded, decoded: peak() }), () => process.exit(0));
