/** `06:18:16` in UTC, as the log lines say it; the number itself when it is no time at all. */
export function timeOfDay(atMs: number): string {
  const date = new Date(atMs);
  return Number.isNaN(date.getTime()) ? String(atMs) : date.toISOString().slice(11, 19);
}
