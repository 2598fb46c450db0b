/**
 * Lines of a plain table that fits `width` columns: each column as wide as its widest cell; where that is too much
 * the widest columns give way and their cells end in "…".
 *
 * @param right indices of the columns set flush right
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
  right: ReadonlySet<number> = new Set(),
): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const gaps = 2 * (head.length - 1);
  for (let over = sum(widths) + gaps - width; over > 0; over -= 1) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = (widths[widest] ?? 1) - 1;
  }
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => fit(cell, widths[column] ?? 0, right.has(column)))
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)];
}

function fit(cell: string, width: number, isRight: boolean): string {
  const cut = cell.length > width ? `${cell.slice(0, Math.max(width - 1, 0))}…` : cell;
  return isRight ? cut.padStart(width) : cut.padEnd(width);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
