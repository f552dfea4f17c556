/**
 * What is painted anew rarely has the exact tone of the ground around it: a step of a few levels shows at the join. As in seamless
 * cloning (Perez, Gangnet and Blake 2003), a smooth correction takes the new picture to the old one along the edge, and evens out in
 * between (Laplace's equation). It is found on coarse cells, so that it holds tones and no detail.
 */
import type { Picture } from "../protocol.ts";

/** Side of a cell, in pixels. */
const CELL = 8;
/** The edge is at least so many pixels wide: where the feather is narrower it reaches into the mask. */
const NARROWEST_EDGE = 4;
/** Fewer pixels of the edge than these say nothing about a cell. */
const FEWEST_PIXELS = 6;
/** Levels: a difference up to the first is a tone that missed; from the second on it is other content, whose tone stays. */
const MISSED_LEVELS = 20;
const OTHER_LEVELS = 40;
/** Levels: where the differences in a cell deviate by so much it counts half. */
const UNEVEN_LEVELS = 3;
/** How much more than evenness the edge counts. */
const EDGE_WEIGHT = 8;
/** Levels: the correction is found once no cell changes by more. */
const SETTLED_LEVELS = 0.002;
const MOST_ROUNDS = 2000;

/** Levels to add to a channel (0 to 2) of a pixel. */
export type Correction = (x: number, y: number, channel: number) => number;

interface Cells {
  readonly columns: number;
  readonly rows: number;
  /** where the correction is to be found */
  readonly inside: Uint8Array;
}

/** What the edge in a cell asks for, in levels, and how much that counts, 0 to 1. */
interface Tone {
  readonly levels: readonly number[];
  readonly weight: number;
}

/**
 * @param made the new picture, @param kept the old one, of the same size
 * @param share how much of the new one each pixel shows, 0 to 1; the edge is where that falls to 0
 * @param feather pixels over which it falls
 */
export function matchEdge(made: Picture, kept: Picture, share: Float32Array, feather: number): Correction {
  const { width, height } = made;
  const [columns, rows] = [Math.ceil(width / CELL), Math.ceil(height / CELL)];
  const inside = new Uint8Array(columns * rows);
  const edges: number[][] = Array.from(inside, () => []);
  const edge = edgeOf(share, width, height, Math.max(feather, NARROWEST_EDGE));
  for (let i = 0; i < share.length; i++) {
    if (share[i] === 0) continue;
    const cell = Math.floor(Math.floor(i / width) / CELL) * columns + Math.floor((i % width) / CELL);
    inside[cell] = 1;
    if (edge[i]) edges[cell].push(i);
  }
  const tones = edges.map((pixels) => toneOf(pixels, made, kept));
  const cells = { columns, rows, inside };
  const found = [0, 1, 2].map((channel) => padded(cells, membrane(cells, tones, channel)));
  return (x, y, channel) => interpolate(cells, found[channel], (x + 0.5) / CELL - 0.5, (y + 0.5) / CELL - 0.5);
}

/** 1 for the pixels that show something new and have one within `reach`, along rows or columns, that does not. */
function edgeOf(share: Float32Array, width: number, height: number, reach: number): Uint8Array {
  const edge = new Uint8Array(share.length);
  const mark = (start: number, step: number, count: number) => {
    for (const [from, way] of [
      [0, 1],
      [count - 1, -1],
    ]) {
      let since = Number.POSITIVE_INFINITY; // beyond the picture there is no edge
      for (let k = from; k >= 0 && k < count; k += way) {
        const i = start + k * step;
        since = share[i] === 0 ? 0 : since + 1;
        if (since > 0 && since <= reach) edge[i] = 1;
      }
    }
  };
  for (let y = 0; y < height; y++) mark(y * width, 1, width);
  for (let x = 0; x < width; x++) mark(x, width, height);
  return edge;
}

/** The mean difference of the two pictures; less sure the more it varies, and the larger it is. */
function toneOf(pixels: readonly number[], made: Picture, kept: Picture): Tone {
  if (pixels.length < FEWEST_PIXELS) return { levels: [0, 0, 0], weight: 0 };
  let weight = 1;
  const levels = [0, 1, 2].map((channel) => {
    const differences = pixels.map((i) => kept.rgba[i * 4 + channel] - made.rgba[i * 4 + channel]);
    const mean = differences.reduce((sum, one) => sum + one) / pixels.length;
    const deviation = differences.reduce((sum, one) => sum + Math.abs(one - mean), 0) / pixels.length;
    const missed = (OTHER_LEVELS - Math.abs(mean)) / (OTHER_LEVELS - MISSED_LEVELS);
    const even = 1 / (1 + (deviation / UNEVEN_LEVELS) ** 2);
    weight = Math.min(weight, Math.max(missed, 0) * even);
    return mean;
  });
  return { levels, weight };
}

/**
 * The smoothest correction that is what the edge asks for, by successive over-relaxation among the cells inside. It begins with what
 * the nearest cell of the edge asks for; where no edge is to be reached it is 0.
 */
function membrane(cells: Cells, tones: readonly Tone[], channel: number): Float64Array {
  const values = new Float64Array(tones.length);
  const reached = [...tones.keys()].filter((cell) => tones[cell].weight > 0);
  for (const cell of reached) values[cell] = tones[cell].levels[channel];
  const seen = new Set(reached);
  const neighbours: number[][] = [];
  for (const [k, cell] of reached.entries()) {
    neighbours[k] = neighboursOf(cell, cells);
    for (const one of neighbours[k]) {
      if (seen.has(one)) continue;
      seen.add(one);
      reached.push(one);
      values[one] = values[cell];
    }
  }
  const relaxation = 2 / (1 + Math.sin(Math.PI / Math.max(cells.columns, cells.rows)));
  for (let round = 0; round < MOST_ROUNDS; round++) {
    let most = 0;
    for (const [k, cell] of reached.entries()) {
      const { levels, weight } = tones[cell];
      const own = weight * EDGE_WEIGHT;
      if (own + neighbours[k].length === 0) continue;
      let sum = own * levels[channel];
      for (const one of neighbours[k]) sum += values[one];
      const change = relaxation * (sum / (own + neighbours[k].length) - values[cell]);
      values[cell] += change;
      most = Math.max(most, Math.abs(change));
    }
    if (most < SETTLED_LEVELS) break;
  }
  return values;
}

/** Above, below, left and right, of those inside. */
function neighboursOf(cell: number, { columns, inside }: Cells): number[] {
  const column = cell % columns;
  const left = column > 0 ? cell - 1 : -1;
  const right = column < columns - 1 ? cell + 1 : -1;
  return [left, right, cell - columns, cell + columns].filter((one) => inside[one]);
}

/** Each cell outside takes the mean of its neighbours inside, for what lies between them. */
function padded({ columns, rows, inside }: Cells, values: Float64Array): Float64Array {
  return values.map((value, cell) => {
    if (inside[cell]) return value;
    let sum = 0;
    let count = 0;
    const [column, row] = [cell % columns, Math.floor(cell / columns)];
    for (let y = Math.max(row - 1, 0); y <= Math.min(row + 1, rows - 1); y++) {
      for (let x = Math.max(column - 1, 0); x <= Math.min(column + 1, columns - 1); x++) {
        if (!inside[y * columns + x]) continue;
        sum += values[y * columns + x];
        count++;
      }
    }
    return count === 0 ? 0 : sum / count;
  });
}

/** Bilinear between the cells' middles; beyond the outermost ones their value goes on. */
function interpolate({ columns, rows }: Cells, values: Float64Array, x: number, y: number): number {
  const left = Math.min(Math.max(Math.floor(x), 0), columns - 1);
  const top = Math.min(Math.max(Math.floor(y), 0), rows - 1);
  const right = Math.min(left + 1, columns - 1);
  const bottom = Math.min(top + 1, rows - 1);
  const across = Math.min(Math.max(x - left, 0), 1);
  const down = Math.min(Math.max(y - top, 0), 1);
  const upper = values[top * columns + left] * (1 - across) + values[top * columns + right] * across;
  const lower = values[bottom * columns + left] * (1 - across) + values[bottom * columns + right] * across;
  return upper * (1 - down) + lower * down;
}
