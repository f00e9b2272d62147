import { metadataOf } from '../metadata.ts';
import { PARAMETERS } from './parameters.ts';

const LONG = `Keeps OpenStack instances alive when the compute host under them dies: lifeboatd takes Pacemaker's word for
what was fenced and has Nova evacuate the instances. One is active in a cluster: create one primitive, no clone. The
alert agent alert_lifeboat wakes it.

A monitor answers 190 (degraded) while something is held; the exit reason in crm_mon says what to do about it. With
OCF_CHECK_LEVEL=10 it also fails when the daemon no longer sees the cluster, and is degraded when Nova or Keystone does
not answer.`;

const ACTIONS = [
  'name="start" timeout="60s"',
  'name="stop" timeout="30s"',
  'name="monitor" timeout="20s" interval="10s" depth="0"',
  'name="monitor" timeout="20s" interval="60s" depth="10"',
  'name="validate-all" timeout="20s" depth="0"',
  'name="meta-data" timeout="5s"',
];

/** The metadata of ocf:lifeboat:engine, OCF 1.1. */
export function metadata(version: string): string {
  return metadataOf({
    name: 'engine',
    short: 'Instance high-availability engine for OpenStack',
    long: LONG,
    actions: ACTIONS,
    parameters: PARAMETERS,
    version,
  });
}
