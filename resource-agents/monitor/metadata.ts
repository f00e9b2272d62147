import { metadataOf } from '../metadata.ts';
import { PARAMETERS } from './parameters.ts';

const LONG = `Watches the guests and processes of a compute host and reports what fails to Lifeboat, or to Masakari. Create it as
a clone on the compute nodes. It needs no administrator of the cloud: a key of the host, or a user with the role
lifeboat_monitor.

The node attribute lifeboat-monitor shows what it sees. A monitor answers 190 (degraded) while it is blind, or reports
wait or were not taken; the exit reason in crm_mon says what to do about it. Give the stop on-fail=block: a compute host
need not be fenced for it.`;

const ACTIONS = [
  'name="start" timeout="60s"',
  'name="stop" timeout="30s"',
  'name="monitor" timeout="20s" interval="10s" depth="0"',
  'name="validate-all" timeout="20s" depth="0"',
  'name="meta-data" timeout="5s"',
];

/** The metadata of ocf:lifeboat:monitor, OCF 1.1. */
export function metadata(version: string): string {
  return metadataOf({
    name: 'monitor',
    short: 'Watches guests and processes of a compute host for Lifeboat',
    long: LONG,
    actions: ACTIONS,
    parameters: PARAMETERS,
    version,
  });
}
