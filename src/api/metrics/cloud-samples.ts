import { sample, type Sample } from './sample.ts';

/** How often one kind of request to OpenStack ended in one way. */
export interface CloudCallCount {
  readonly service: string;
  readonly method: string;
  readonly outcome: string;
  readonly count: number;
  readonly totalMs: number;
}

export function cloudSamples(calls: readonly CloudCallCount[]): readonly Sample[] {
  const counts = calls.map(({ count, method, outcome, service }) =>
    sample('lifeboat_cloud_calls_total', { service, method, outcome }, count),
  );
  const durations = [...Map.groupBy(calls, ({ service }) => service)].flatMap(([service, of]): readonly Sample[] => {
    const sum = (value: (call: CloudCallCount) => number): number => of.reduce((all, call) => all + value(call), 0);
    const name = 'lifeboat_cloud_call_duration_seconds';
    return [
      { name, part: '_sum', labels: { service }, value: sum(({ totalMs }) => totalMs) / 1000 },
      { name, part: '_count', labels: { service }, value: sum(({ count }) => count) },
    ];
  });
  return [...counts, ...durations];
}
