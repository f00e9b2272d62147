/** What a row says that cannot be. */
export class RowProblem extends Error {}
