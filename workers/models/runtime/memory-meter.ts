/**
 * What onnxruntime-web holds in a browser: its WebAssembly memories and its GPU buffers. No interface tells it to a worker
 * (performance.measureUserAgentSpecificMemory is the page's alone, and knows nothing of the GPU), so what is made is counted.
 */
export interface MemoryMeter {
  /** To be called before onnxruntime-web is fetched, in a scope of its own: its memories are counted from then on. */
  watchWasm(scope: { Memory: typeof WebAssembly.Memory }): void;
  watchGpu(device: Pick<GPUDevice, "createBuffer">): void;
  /** the most bytes that were held so far */
  peak(): number;
}

export function createMemoryMeter(): MemoryMeter {
  const memories: WebAssembly.Memory[] = [];
  let gpu = 0;
  let gpuPeak = 0;
  return {
    watchWasm(scope) {
      scope.Memory = class extends scope.Memory {
        constructor(descriptor: WebAssembly.MemoryDescriptor) {
          super(descriptor);
          memories.push(this);
        }
      };
    },
    watchGpu(device) {
      const createBuffer = device.createBuffer.bind(device);
      device.createBuffer = (descriptor) => {
        const buffer = createBuffer(descriptor);
        const destroy = buffer.destroy.bind(buffer);
        let held = descriptor.size;
        gpu += held;
        gpuPeak = Math.max(gpuPeak, gpu);
        buffer.destroy = () => {
          gpu -= held;
          held = 0; // it may be destroyed twice
          return destroy();
        };
        return buffer;
      };
    },
    // WebAssembly's memory never shrinks: its size is its peak.
    peak: () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, gpuPeak),
  };
}
