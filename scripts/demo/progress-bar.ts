/** `[########------------] 4/10`, the count as wide as the total's, so that bars below each other line up. */
export function progressBar(done: number, total: number, width = 20): string {
  const share = total <= 0 ? 1 : Math.min(1, Math.max(0, done / total));
  // Full only when it is done: a bar that rounds up would say so too early.
  const filled = share === 1 ? width : Math.floor(share * width);
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${String(done).padStart(String(total).length)}/${total}`;
}
