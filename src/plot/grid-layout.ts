/** Where everything on a plot's picture lies, in pixels. */
export interface GridLayout {
  columns: number;
  rows: number;
  /** grids below each other, one a value of z */
  sheets: number;
  /** the room of one picture */
  cell: { width: number; height: number };
  gap: number;
  /** left of the rows, for their labels */
  gutter: number;
  /** above the columns, for their labels; 0 without any */
  head: number;
  /** above each grid, for its label; 0 without any */
  title: number;
  width: number;
  height: number;
}

export interface GridShape {
  columns: number;
  rows: number;
  sheets: number;
  /** of the largest picture */
  picture: { width: number; height: number };
  labels: { columns: boolean; sheets: boolean };
  /** of the widest row label, in pixels; 0 without any */
  rowLabel: number;
}

const GAP = 8;
const LABEL = 32;
const WIDEST_GUTTER = 220;
/** A label must be readable, however small the picture. */
const NARROWEST = 96;
/** About what a canvas may hold on a phone, and little enough to be read back in one go. */
const MOST_PIXELS = 12e6;

/** Pictures are made smaller where all of them together would be more than a canvas holds. */
export function gridLayout({ columns, rows, sheets, picture, labels, rowLabel }: GridShape): GridLayout {
  const gutter = rowLabel === 0 ? GAP : Math.min(WIDEST_GUTTER, Math.ceil(rowLabel) + 2 * GAP);
  const head = labels.columns ? LABEL : 0;
  const title = labels.sheets ? LABEL : 0;
  for (let scale = 1; ; scale *= 0.9) {
    const cell = {
      width: Math.max(NARROWEST, Math.round(picture.width * scale)),
      height: Math.max(1, Math.round(picture.height * scale)),
    };
    const width = gutter + columns * (cell.width + GAP);
    const height = GAP + sheets * (title + head + rows * (cell.height + GAP));
    if (width * height <= MOST_PIXELS || cell.height <= 16)
      return { columns, rows, sheets, cell, gap: GAP, gutter, head, title, width, height };
  }
}

/** The top left corner of a cell. */
export function cornerOf(
  { columns, rows, cell, gap, gutter, head, title }: GridLayout,
  index: number,
): { x: number; y: number; column: number; row: number; sheet: number } {
  const column = index % columns;
  const row = Math.floor(index / columns) % rows;
  const sheet = Math.floor(index / (columns * rows));
  const top = gap + sheet * (title + head + rows * (cell.height + gap)) + title + head;
  return { x: gutter + column * (cell.width + gap), y: top + row * (cell.height + gap), column, row, sheet };
}

/** The largest box of a picture's proportions inside a cell, no larger than the picture. */
export function fitInto(
  cell: { width: number; height: number },
  picture: { width: number; height: number },
): { dx: number; dy: number; width: number; height: number } {
  const scale = Math.min(1, cell.width / picture.width, cell.height / picture.height);
  const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  return { dx: Math.floor((cell.width - width) / 2), dy: Math.floor((cell.height - height) / 2), width, height };
}
