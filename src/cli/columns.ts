/** Rows of a table as lines: columns as wide as their widest cell, no blanks at the end, empty columns left out. */
export function alignColumns(rows: readonly (readonly string[])[], indent: string): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => {
    const cells = row.filter((_, column) => widths[column] !== 0);
    const kept = widths.filter((width) => width !== 0);
    return (indent + cells.map((cell, column) => cell.padEnd(kept[column] ?? 0)).join('  ')).trimEnd();
  });
}
