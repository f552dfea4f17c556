/** Where the cells of a contact sheet lie, in pixels. */
export interface SheetLayout {
  columns: number;
  rows: number;
  /** of a cell's picture */
  cell: { width: number; height: number };
  /** of the whole sheet */
  width: number;
  height: number;
  margin: number;
  gap: number;
  /** below each picture */
  caption: number;
  /** above the first row */
  head: number;
}

const LARGEST_SIDE = 256;
const SMALLEST_SIDE = 32;
/** About what a canvas may hold on a phone, and little enough to be read back in one go. */
const MOST_PIXELS = 12e6;

/** A sheet about as wide as high; with very many steps the pictures get smaller, so that the sheet stays a picture. */
export function sheetLayout(count: number, picture: { width: number; height: number }): SheetLayout {
  const margin = 24;
  const gap = 12;
  const caption = 24;
  const head = 64;
  const ratio = picture.width / picture.height;
  for (let side = Math.min(LARGEST_SIDE, Math.max(picture.width, picture.height)); ; side = Math.floor(side * 0.8)) {
    const cell = {
      width: Math.max(1, Math.round(ratio >= 1 ? side : side * ratio)),
      height: Math.max(1, Math.round(ratio >= 1 ? side / ratio : side)),
    };
    // captions need their room, however narrow the picture
    const step = Math.max(cell.width, 112) + gap;
    const columns = Math.max(1, Math.min(count, Math.round(Math.sqrt((count * (cell.height + caption + gap)) / step))));
    const rows = Math.max(1, Math.ceil(count / columns));
    const width = 2 * margin + columns * step - gap;
    const height = 2 * margin + head + rows * (cell.height + caption + gap) - gap;
    const layout = { columns, rows, cell, width, height, margin, gap, caption, head };
    if (width * height <= MOST_PIXELS || side <= SMALLEST_SIDE) return layout;
  }
}

/** The top left corner of a cell's picture. */
export function cellAt({ columns, cell, margin, gap, caption, head }: SheetLayout, index: number) {
  const [column, row] = [index % columns, Math.floor(index / columns)];
  return {
    x: margin + column * (Math.max(cell.width, 112) + gap),
    y: margin + head + row * (cell.height + caption + gap),
  };
}
