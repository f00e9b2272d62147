import { readFileSync } from 'node:fs';
import { metadata as engineMetadata } from '../../../resource-agents/engine/metadata.ts';
import { metadata as monitorMetadata } from '../../../resource-agents/monitor/metadata.ts';
import { USAGE } from '../../../src/cli/usage.ts';
import { monitorSchema } from '../../../src/config/monitor/schema.ts';
import { CONFIG_PATH, MONITOR_CONFIG_PATH } from '../../../src/config/paths.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { USAGE as MONITOR_USAGE } from '../../../src/monitor/cli/usage.ts';
import { VERSION } from '../../../src/version.ts';
import { readUsage } from '../commands/usage.ts';
import { agentPage } from './agent-page.ts';
import { alertPage } from './alert-page.ts';
import { commandPage } from './command-page.ts';
import { configurationPage } from './configuration-page.ts';
import { lifeboatdPage } from './lifeboatd-page.ts';
import { paragraph, roff, section, type ManualPage } from './roff.ts';

export interface PageFile {
  /** As in man8/lifeboatd.8. */
  readonly path: string;
  readonly text: string;
}

/** Every manual page. A new program, agent or file of configuration gets its line here. */
export async function manualPages(repository: string): Promise<readonly PageFile[]> {
  const example = (name: string): string =>
    withoutComments(readFileSync(`${repository}/resource-agents/examples/${name}`, 'utf8'));
  const pages = [
    lifeboatdPage(VERSION),
    commandPage(readUsage(USAGE), VERSION, [
      section('See also'),
      paragraph('lifeboatd(8), lifeboat.yaml(5), ocf_lifeboat_engine(7), crm_mon(8)'),
    ]),
    configurationPage(
      {
        name: 'lifeboat.yaml',
        path: CONFIG_PATH,
        schema: configSchema,
        intro: [
          `It is \`${CONFIG_PATH}\`, or the file that LIFEBOAT_CONFIG names. \`lifeboat config check\` names every mistake ` +
            'with its line, `lifeboat config example` shows every key with its default.',
          'Durations are written as 500ms, 5s, 2m, 1h or 30d. No secret belongs into it, and it is refused when everybody ' +
            'may write it.',
        ],
        seeAlso: 'lifeboatd(8), lifeboat(8)',
      },
      VERSION,
    ),
    await agentPage(
      engineMetadata(VERSION),
      {
        commands: example('create-engine.sh'),
        seeAlso: 'lifeboatd(8), lifeboat(8), alert_lifeboat(7), pcs(8)',
      },
      VERSION,
    ),
    alertPage(VERSION),
    commandPage(readUsage(MONITOR_USAGE), VERSION, [
      section('See also'),
      paragraph('monitor.yaml(5), ocf_lifeboat_monitor(7), lifeboatd(8)'),
    ]),
    configurationPage(
      {
        name: 'monitor.yaml',
        path: MONITOR_CONFIG_PATH,
        schema: monitorSchema,
        intro: [
          `It is \`${MONITOR_CONFIG_PATH}\`, or the file that LIFEBOAT_MONITOR_CONFIG names. \`lifeboat-monitor config check\` ` +
            'names every mistake with its line, `lifeboat-monitor config example` shows every key with its default.',
          'Durations are written as 500ms, 5s, 2m, 1h or 30d. No secret belongs into it.',
        ],
        seeAlso: 'lifeboat-monitor(8), ocf_lifeboat_monitor(7)',
      },
      VERSION,
    ),
    await agentPage(
      monitorMetadata(VERSION),
      { commands: example('create-monitor.sh'), seeAlso: 'lifeboat-monitor(8), monitor.yaml(5), pcs(8)' },
      VERSION,
    ),
  ];
  return pages.map(file);
}

function file(page: ManualPage): PageFile {
  return { path: `man${page.section}/${page.name}.${page.section}`, text: roff(page) };
}

function withoutComments(script: string): string {
  const lines = script.split('\n').filter((line) => !/^(#|set )/.test(line));
  return lines.join('\n').trim();
}
