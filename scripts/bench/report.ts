/** What a group of measurements says, and how it is printed. */

export interface Row {
  what: string;
  value: number;
  /** nothing for counts and ratios */
  unit?: "ms" | "bytes";
  /** the target */
  atMost?: number;
}

export interface Section {
  title: string;
  rows: Row[];
  /** single measurements, for bench.json alone */
  details?: unknown;
}

export function printSection({ title, rows }: Section): void {
  const cells = rows.map(({ what, value, unit, atMost }) => [
    what,
    shown(value, unit),
    unit ?? "",
    atMost === undefined ? "" : shown(atMost, unit),
    atMost === undefined ? "" : value <= atMost ? "met" : "not met",
  ]);
  table([title, "measured", "", "at most", ""], cells);
}

function shown(value: number, unit: Row["unit"]): string {
  if (unit === "bytes") return Math.round(value).toLocaleString("en-GB");
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(unit === "ms" ? 1 : 3);
}

function table(head: string[], rows: string[][]): void {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i].length)));
  const line = (row: string[]) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd();
  console.log([line(head), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line), ""].join("\n"));
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
