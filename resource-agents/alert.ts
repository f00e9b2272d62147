/**
 * alert_lifeboat: tells the engine on this node to look at the cluster now. The shell line that the build puts above it
 * has already left when there is no engine here. An alert that is lost costs one poll interval and nothing else, so this
 * never waits long and never fails; only being called without an alert is a mistake worth a message.
 */
import { writeSync } from 'node:fs';
import { socketPath } from '../src/config/paths.ts';
import { exchange } from '../src/control/exchange.ts';

const PATIENCE_MS = 2_000;
/** More than any real value has; a line of the control socket has room for all of them. */
const VALUE_LIMIT = 1_000;

const alert = Object.fromEntries(
  Object.entries(process.env)
    .filter(([name]) => name.startsWith('CRM_alert_'))
    .map(([name, value]) => [name, (value ?? '').slice(0, VALUE_LIMIT)]),
);

if (alert.CRM_alert_kind === undefined) {
  writeSync(2, 'alert_lifeboat is run by Pacemaker for each alert: pcs alert create path=<this file>\n');
  process.exit(2);
}

void exchange(alert.CRM_alert_recipient || socketPath(), JSON.stringify({ op: 'wake', alert }), PATIENCE_MS).then(
  () => {
    process.exit(0);
  },
);
