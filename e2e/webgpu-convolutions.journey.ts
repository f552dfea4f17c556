/** onnxruntime-web's convolutions on the WebGPU adapter, as the engine hands them to it, against plain sums. */
import { fileURLToPath } from "node:url";
import { convolutions, makeConvolution, openConvolution, toHalf } from "../workers/testing/convolutions.ts";
import { findWebGpuBrowser } from "./browser.ts";
import { expect, test } from "./fixtures.ts";
import { addFolder } from "./servers.ts";

test.use({
  launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, executablePath: findWebGpuBrowser() }),
});

// SwiftShader takes seconds to compile each kernel.
test.describe.configure({ timeout: 900_000 });

const runtime = fileURLToPath(new URL("../node_modules/onnxruntime-web/dist/", import.meta.url));

test("every number of channels is summed rightly on WebGPU", async ({ page, startServer }) => {
  const server = await startServer();
  await addFolder(server, runtime, "runtime");
  await page.goto(`${server.url}icons/favicon.svg`);
  const cases = await Promise.all(
    convolutions.map(makeConvolution).map(async ({ files, x, expected, ...one }) => {
      const { bytes, externalData } = await openConvolution(files, true);
      const external = externalData.map(({ path, data }) => ({
        path,
        data: Array.from(data.subarray(0, data.byteLength)),
      }));
      return {
        ...one,
        x: Array.from(one.half ? toHalf(x) : x),
        expected: Array.from(expected),
        bytes: Array.from(bytes),
        external,
      };
    }),
  );
  const shaderF16 = await page.evaluate(async () =>
    Boolean((await navigator.gpu.requestAdapter())?.features.has("shader-f16")),
  );
  const wrong = await page.evaluate(
    async ({ url, list }) => {
      const ort = (await import(url)) as typeof import("onnxruntime-web");
      ort.env.logLevel = "error";
      ort.env.wasm.numThreads = 1;
      const found: string[] = [];
      for (const { title, half, dims, x, expected, bytes, external } of list) {
        const session = await ort.InferenceSession.create(Uint8Array.from(bytes), {
          executionProviders: ["webgpu"],
          externalData: external.map(({ path, data }) => ({ path, data: Uint8Array.from(data) })),
        });
        const feed = half ? new ort.Tensor("float16", Uint16Array.from(x), dims) : new ort.Tensor("float32", x, dims);
        const data = (await (await session.run({ x: feed })).y.getData()) as ArrayLike<number>;
        const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - data[i])), 0);
        if (!(worst < (half ? 0.03 : 1e-4))) found.push(`${title}: ${worst}`);
        await session.release();
      }
      return found;
    },
    { url: `${server.url}runtime/ort.jspi.bundle.min.mjs`, list: cases.filter(({ half }) => shaderF16 || !half) },
  );
  expect(wrong).toEqual([]);
});
