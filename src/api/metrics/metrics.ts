/**
 * Every metric at /metrics, in the order in which it is shown. The names are a contract: dashboards and alerts rest on
 * them. The values of each label are bounded: no metric has a label for hosts, instances or what a stranger sends.
 */
export const METRICS = {
  lifeboat_build_info: metric('gauge', ['version'], 'Always 1; the label says which Lifeboat answers.'),
  lifeboat_engine_state: metric('gauge', ['state'], '1 for the state that the engine is in, 0 for the others.'),
  lifeboat_lease_held: metric('gauge', [], '1 while this engine holds the lease of the store, and so may act.'),
  lifeboat_lease_epoch: metric(
    'gauge',
    [],
    'How often the lease has been taken, this engine included; absent while it has none.',
  ),
  lifeboat_store_usable: metric('gauge', [], '0 while the store cannot be read or written: nothing is begun then.'),
  lifeboat_snapshot_age_seconds: metric(
    'gauge',
    [],
    'Since the cluster was last read as a whole; absent before the first reading.',
  ),
  lifeboat_hosts: metric('gauge', ['state'], 'Nodes that may have instances, by what the cluster says of them.'),
  lifeboat_holds: metric('gauge', ['kind'], 'What waits on purpose, by why; lifeboat status says what would end it.'),
  lifeboat_recoveries: metric('gauge', ['state'], 'Recoveries of hosts that the engine has in memory, by their state.'),
  lifeboat_recoveries_unacknowledged: metric(
    'gauge',
    [],
    'Recoveries that failed, and that no operator has acknowledged.',
  ),
  lifeboat_moves: metric('gauge', ['state'], 'Instances of these recoveries, by the state of their move.'),
  lifeboat_reports: metric('gauge', ['state'], 'What monitors have reported of instances and processes, by its state.'),
  lifeboat_capacity_known_hosts: metric(
    'gauge',
    [],
    'Hosts of which it is known whether their instances would find a place.',
  ),
  lifeboat_capacity_short_hosts: metric('gauge', [], 'Hosts whose instances would not all find a place if they died.'),
  lifeboat_cloud_available: metric('gauge', [], '1 while Nova answers; absent before it was asked.'),
  lifeboat_cloud_calls_total: metric(
    'counter',
    ['service', 'method', 'outcome'],
    'Requests to OpenStack; the outcome is the status of the answer, the code of the error, or "given up".',
  ),
  lifeboat_cloud_call_duration_seconds: metric('summary', ['service'], 'From the request to its outcome.'),
  lifeboat_api_deaf_addresses: metric('gauge', [], 'Addresses of api.listen where nothing can listen now.'),
  lifeboat_api_requests_total: metric(
    'counter',
    ['method', 'route', 'status'],
    'Requests that were answered. The route "none" is every address where there is nothing.',
  ),
  lifeboat_api_request_duration_seconds: metric(
    'histogram',
    ['method', 'route'],
    'From the first byte of a request to the last of its answer; without the event stream, which does not end.',
  ),
  lifeboat_process_resident_memory_bytes: metric('gauge', [], 'Memory that lifeboatd has of the machine.'),
  lifeboat_process_heap_bytes: metric('gauge', [], 'Of which objects in use, before the next collection.'),
  lifeboat_process_cpu_seconds_total: metric('counter', [], 'Processor time of lifeboatd.'),
  lifeboat_process_start_time_seconds: metric('gauge', [], 'When lifeboatd began, in seconds since the epoch.'),
} as const satisfies Readonly<Record<string, Metric>>;

export interface Metric<Label extends string = string> {
  readonly type: 'gauge' | 'counter' | 'histogram' | 'summary';
  readonly labels: readonly Label[];
  /** One sentence. */
  readonly help: string;
}

export type MetricName = keyof typeof METRICS;
export type LabelsOf<Name extends MetricName> = Readonly<Record<(typeof METRICS)[Name]['labels'][number], string>>;

function metric<const Label extends string>(
  type: Metric['type'],
  labels: readonly Label[],
  help: string,
): Metric<Label> {
  return { type, labels, help };
}
