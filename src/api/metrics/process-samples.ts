import { sample, type Sample } from './sample.ts';

/** What the process takes of the machine. */
export interface ProcessUse {
  readonly residentBytes: number;
  readonly heapBytes: number;
  /** Of all processors together, since it began. */
  readonly cpuSeconds: number;
  /** Seconds since the epoch. */
  readonly startedAtS: number;
}

export function processSamples({ cpuSeconds, heapBytes, residentBytes, startedAtS }: ProcessUse): readonly Sample[] {
  return [
    sample('lifeboat_process_resident_memory_bytes', {}, residentBytes),
    sample('lifeboat_process_heap_bytes', {}, heapBytes),
    sample('lifeboat_process_cpu_seconds_total', {}, cpuSeconds),
    sample('lifeboat_process_start_time_seconds', {}, startedAtS),
  ];
}
