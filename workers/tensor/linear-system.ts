/**
 * Solves `matrix x = right` by Gauss-Jordan elimination with pivoting, for several right-hand sides at once.
 * @param matrix n rows of n numbers. @param right n rows of k numbers. @returns n rows of k numbers
 */
export function solve(matrix: readonly ArrayLike<number>[], right: readonly ArrayLike<number>[]): number[][] {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [...Array.from(row), ...Array.from(right[i])]);
  for (let column = 0; column < size; column++) {
    const pivot = rows.reduce(
      (best, row, i) => (i > column && Math.abs(row[column]) > Math.abs(rows[best][column]) ? i : best),
      column,
    );
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let i = 0; i < size; i++) {
      if (i === column) continue;
      const factor = rows[i][column] / rows[column][column];
      rows[i] = rows[i].map((value, j) => value - factor * rows[column][j]);
    }
  }
  return rows.map((row, i) => row.slice(size).map((value) => value / row[i]));
}
