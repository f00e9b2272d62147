/** What this process takes of the machine: bytes, and seconds since it began and since the epoch. */
export function processUse() {
  const { heapUsed, rss } = process.memoryUsage();
  const { system, user } = process.cpuUsage();
  const startedAtS = performance.timeOrigin / 1000;
  return { residentBytes: rss, heapBytes: heapUsed, cpuSeconds: (system + user) / 1e6, startedAtS };
}
