/** Graphs that were exported for one number of rows run any number: rows are added and cut off, or run in turns. */
import type { Tensor } from "../../tensor/tensor.ts";
import type { Feed, Network } from "../runtime/network.ts";

/**
 * @param input whose first axis says how many rows the graph takes. Another input may take some more for each of them: a clip's network one
 * text a frame.
 */
export function anyBatch(network: Network, input: string): Network {
  const rowsOf = (one: string) => network.inputs.find(({ name }) => name === one)?.shape[0];
  const fixed = rowsOf(input);
  if (typeof fixed !== "number") return network;
  const perRow = (name: string) => {
    const own = rowsOf(name);
    return typeof own === "number" && own % fixed === 0 ? own / fixed : 1;
  };
  return {
    ...network,
    async run(feeds, outputs) {
      const rows = feeds[input].dims[0];
      const parts: Record<string, Tensor>[] = [];
      for (let from = 0; from < rows; from += fixed) {
        const taken = Object.entries(feeds).map(([name, feed]) => {
          const each = perRow(name);
          const batched = feed.dims.length > 1 && feed.dims[0] === rows * each;
          return [name, batched ? takeRows(feed, from, fixed, each) : feed] as const;
        });
        parts.push(await network.run(Object.fromEntries(taken), outputs));
      }
      return Object.fromEntries(
        outputs.map((name) => [
          name,
          joinRows(
            parts.map((part) => part[name]),
            rows,
          ),
        ]),
      );
    },
  };
}

/** `count` rows from `from` on, each of `each` entries of the first axis; the last one again where there are too few. */
function takeRows({ data, dims }: Feed, from: number, count: number, each: number): Feed {
  const rows = dims[0] / each;
  if (from === 0 && rows === count) return { data, dims };
  const size = data.length / rows;
  const out = new Float32Array(count * size);
  for (let row = 0; row < count; row++) {
    const source = Math.min(from + row, rows - 1) * size;
    out.set(data.slice(source, source + size), row * size);
  }
  return { data: out, dims: [count * each, ...dims.slice(1)] };
}

function joinRows(parts: readonly Tensor[], rows: number): Tensor {
  const [{ dims, data }] = parts;
  if (parts.length === 1 && dims[0] === rows) return parts[0];
  const size = data.length / dims[0];
  const out = new Float32Array(rows * size);
  let at = 0;
  for (const part of parts) {
    out.set(part.data.subarray(0, out.length - at), at);
    at += part.data.length;
  }
  return { data: out, dims: [rows, ...dims.slice(1)] };
}
