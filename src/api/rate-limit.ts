import type { FastifyRequest } from 'fastify';
import type { Clock } from '../ports.ts';

interface Bucket {
  left: number;
  filledAtMs: number;
}

/** Addresses that are remembered; one that has not asked for a second is as good as new. */
const MOST = 10_000;

/** Answers whether the address may ask now: so many requests each second, and twice as many at once. 0: any number. */
export function rateLimit(perSecond: number, clock: Clock): (request: FastifyRequest) => boolean {
  if (perSecond === 0) return () => true;
  const buckets = new Map<string, Bucket>();
  const most = perSecond * 2;
  return ({ ip }) => {
    const now = clock.monotonic();
    const bucket = buckets.get(ip) ?? { left: most, filledAtMs: now };
    bucket.left = Math.min(most, bucket.left + ((now - bucket.filledAtMs) / 1000) * perSecond);
    bucket.filledAtMs = now;
    buckets.delete(ip);
    if (buckets.size >= MOST) buckets.delete(buckets.keys().next().value ?? '');
    buckets.set(ip, bucket);
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
  };
}
