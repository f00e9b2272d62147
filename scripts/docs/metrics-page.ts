import { METRICS } from '../../src/api/metrics/metrics.ts';
import { MOVE_STATES } from '../../src/engine/move.ts';
import { RECOVERY_STATES } from '../../src/engine/recovery.ts';
import { HOLDS } from '../../src/bridge/verdict.ts';

/** The page on every metric, in Markdown. */
export function metricsPage(): string {
  const rows = Object.entries(METRICS).map(([name, { help, labels, type }]) => {
    const shown = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${shown} | ${help.replaceAll('|', '\\|')} |`;
  });
  const metrics = ['| metric | type | labels | what it says |', '| --- | --- | --- | --- |', ...rows].join('\n');
  return `${[BEFORE, metrics, AFTER, states()].join('\n\n')}\n`;
}

const BEFORE = `# Metrics

The engine answers \`GET /metrics\` on the port of [its API](api.md) in the text format of Prometheus, on the controller where it
runs. With \`sink: masakari\` there is no API, and there are no metrics.

Prometheus on the same controller needs no token. For one elsewhere, name its address in \`lifeboat.yaml\`:

\`\`\`yaml
api:
  listen: [10.0.0.11]
  metrics_open_to: [127.0.0.0/8, '::1', 10.0.0.20]
\`\`\`

\`\`\`yaml
# prometheus.yml: all controllers, of which one answers; that the others do not is no failure
scrape_configs:
  - job_name: lifeboat
    static_configs:
      - targets: [10.0.0.11:15868, 10.0.0.12:15868, 10.0.0.13:15868]
\`\`\`

Whoever comes from elsewhere needs a token of Keystone, to which the policy allows \`lifeboat_api:metrics\`; that is
administrators, without a policy file. What a proxy hands on counts as its client's, not as the proxy's.

## All of them

No metric has a label for hosts, instances or addresses: how many series there are does not depend on the size of the cloud.
A name and its labels keep their meaning.`;

const AFTER = `## What to be woken for

| expression | when it stands |
| --- | --- |
| \`absent(lifeboat_engine_state == 1)\` | no engine answers on any controller: \`crm_mon\` shows why |
| \`max(lifeboat_lease_held) == 0\` for a minute | an engine runs, and may do nothing: its lease, or its store |
| \`sum(lifeboat_holds) > 0\` for a minute | something waits: \`lifeboat status\` says what would end it |
| \`sum(lifeboat_recoveries_unacknowledged) > 0\` | an instance could not be moved, and nobody has said that they know |
| \`max(lifeboat_snapshot_age_seconds) > 60\` | the cluster cannot be read |
| \`max(lifeboat_cloud_available) == 0\` for a minute | Nova does not answer |
| \`max(lifeboat_capacity_short_hosts) > 0\` for an hour | the instances of some host would have no place |

## The values of some labels`;

function states(): string {
  const table = (title: string, of: Readonly<Record<string, string>>): string =>
    [
      `### ${title}`,
      '',
      '| value | means |',
      '| --- | --- |',
      ...Object.entries(of).map(([value, means]) => `| \`${value}\` | ${means.replaceAll('|', '\\|')} |`),
    ].join('\n');
  return [
    table('`state` of lifeboat_recoveries', RECOVERY_STATES),
    table('`state` of lifeboat_moves', MOVE_STATES),
    table('`kind` of lifeboat_holds', HOLDS),
  ].join('\n\n');
}
