const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "500ms", "5s", "2m", "1h" or "30d" in milliseconds; undefined for anything else (a bare number has no unit, so it too). */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text.trim());
  const unit = UNIT_MS[match?.[2] ?? ''];
  if (match === null || unit === undefined) return undefined;
  return Math.round(Number(match[1]) * unit);
}

/** The shortest way to write a duration that parseDuration reads back as the same. */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  for (const unit of ['d', 'h', 'm', 's']) {
    const count = durationMs / (UNIT_MS[unit] ?? 1);
    // Everybody says 24h.
    if (count >= (unit === 'd' ? 2 : 1) && Number.isInteger(count)) return `${count}${unit}`;
  }
  return `${durationMs}ms`;
}
