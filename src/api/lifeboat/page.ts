export interface PageWish<Row> {
  readonly limit: number;
  /** The id of the last row that the client has; undefined: from the first. */
  readonly marker: string | undefined;
  readonly isWanted: (row: Row) => boolean;
}

export interface RowPage<Row> {
  readonly rows: readonly Row[];
  /** The marker of the page after this one; undefined: there is none. */
  readonly next: string | undefined;
}

/** Undefined when no row has the marker's id. The marker itself need not be wanted: its state may have changed since. */
export function pageAfter<Row extends { readonly id: string }>(
  all: readonly Row[],
  { isWanted, limit, marker }: PageWish<Row>,
): RowPage<Row> | undefined {
  const last = marker === undefined ? -1 : all.findIndex(({ id }) => id === marker);
  if (marker !== undefined && last === -1) return undefined;
  const left = all.slice(last + 1).filter(isWanted);
  const rows = left.slice(0, limit);
  return { rows, next: left.length > rows.length ? rows.at(-1)?.id : undefined };
}
