import type { FaultSpec } from '../cloud/faults.ts';
import type { BmcMode } from '../cluster/machine.ts';

/** One thing that happens in a scenario: by fate, or by somebody's hand. Durations are milliseconds. */
export type Happening =
  | { readonly kind: 'kill' | 'power on' | 'crash' | 'start' | 'shutdown' | 'cut' | 'connect'; readonly node: string }
  | { readonly kind: 'split'; readonly groups: readonly (readonly string[])[] }
  | { readonly kind: 'bmc'; readonly node: string; readonly mode: BmcMode }
  | { readonly kind: 'standby' | 'maintenance'; readonly node: string; readonly on: boolean }
  | { readonly kind: 'connection'; readonly node: string; readonly change: ConnectionChange }
  | { readonly kind: 'option'; readonly option: ClusterOption; readonly value: boolean }
  | { readonly kind: 'fence' | 'confirm'; readonly node: string }
  | { readonly kind: 'clean history' }
  /** lifeboatd dies, wherever it runs; Pacemaker starts it again. */
  | { readonly kind: 'kill engine' }
  /** It dies at its n-th effect from now on, which still happens or does not. */
  | { readonly kind: 'kill engine at'; readonly effect: number; readonly moment: 'before' | 'after' }
  /** It stands still for so long, while Pacemaker starts another one on another controller. */
  | { readonly kind: 'freeze engine'; readonly forMs: number }
  | { readonly kind: 'alerts'; readonly alerts: AlertWeather }
  | { readonly kind: 'clock'; readonly node: string; readonly byMs: number }
  /** How long a reading of the cluster takes from now on. */
  | { readonly kind: 'crm'; readonly readMs: number }
  | { readonly kind: 'fault'; readonly fault: FaultSpec }
  /** No fault of Nova's any more. */
  | { readonly kind: 'nova is well' }
  /** Every fault is over, every mark of an administrator lifted, and every machine switched on. */
  | { readonly kind: 'all is well' }
  | { readonly kind: 'disk'; readonly node: string; readonly disk: 'full' | 'well' }
  /** A monitor of somebody else's tells the engine's API that the host is down. */
  | { readonly kind: 'report'; readonly host: string }
  | { readonly kind: 'delete'; readonly instance: string }
  | { readonly kind: 'boot'; readonly host: string; readonly instance: string };

export type ConnectionChange = 'disabled' | 'enabled' | 'unmanaged' | 'managed';
export type ClusterOption = 'stonithEnabled' | 'maintenanceMode' | 'stopAllResources';

/** What becomes of alerts on their way. Shares of 1. */
export interface AlertWeather {
  readonly lost: number;
  readonly doubled: number;
  /** They come after up to this long. */
  readonly lateMs: number;
}

export interface TimedHappening {
  readonly atMs: number;
  readonly what: Happening;
}

/** In words, for the log. */
export function describe(what: Happening): string {
  switch (what.kind) {
    case 'kill':
      return `${what.node} loses its power`;
    case 'power on':
      return `${what.node} is switched on`;
    case 'crash':
      return `the cluster's daemon on ${what.node} is gone`;
    case 'start':
      return `the cluster's daemon on ${what.node} is started`;
    case 'shutdown':
      return `${what.node} is shut down cleanly`;
    case 'cut':
      return `${what.node} is cut off the network`;
    case 'connect':
      return `${what.node} is in the network again`;
    case 'split':
      return what.groups.length === 0 ? 'the network is whole' : `the network splits: ${sidesOf(what.groups)}`;
    case 'bmc':
      return `the BMC of ${what.node}: ${what.mode.kind}${'ms' in what.mode ? ` (${what.mode.ms} ms)` : ''}`;
    case 'standby':
    case 'maintenance':
      return `${what.node} is ${what.on ? '' : 'no longer '}in ${what.kind}`;
    case 'connection':
      return `the connection of ${what.node} is ${what.change}`;
    case 'option':
      return `${OPTION_NAMES[what.option]}=${what.value}`;
    case 'fence':
      return `an administrator has ${what.node} fenced`;
    case 'confirm':
      return `an administrator confirms that ${what.node} is off`;
    case 'clean history':
      return 'an administrator cleans the fencing history';
    case 'kill engine':
      return 'lifeboatd is killed';
    case 'kill engine at':
      return `lifeboatd will be killed ${what.moment} its effect ${what.effect} from now`;
    case 'freeze engine':
      return `lifeboatd stands still for ${what.forMs} ms, and Pacemaker takes it for dead`;
    case 'alerts': {
      const { doubled, lateMs, lost } = what.alerts;
      return `alerts: ${lost * 100} % lost, ${doubled * 100} % doubled, up to ${lateMs} ms late`;
    }
    case 'clock':
      return `the clock of ${what.node} jumps by ${what.byMs} ms`;
    case 'crm':
      return `a reading of the cluster takes ${what.readMs} ms`;
    case 'fault':
      return `Nova: ${faultInWords(what.fault)}`;
    case 'nova is well':
      return 'Nova is well';
    case 'all is well':
      return 'all is well from here on';
    case 'disk':
      return `the disk of ${what.node} is ${what.disk}`;
    case 'report':
      return `a monitor reports over the API that ${what.host} is down`;
    case 'delete':
      return `${what.instance} is deleted by its owner`;
    case 'boot':
      return `${what.instance} is created on ${what.host}`;
  }
}

export const OPTION_NAMES: Readonly<Record<ClusterOption, string>> = {
  stonithEnabled: 'stonith-enabled',
  maintenanceMode: 'maintenance-mode',
  stopAllResources: 'stop-all-resources',
};

function sidesOf(groups: readonly (readonly string[])[]): string {
  return `${groups.map((group) => group.join(', ')).join(' | ')} | the others`;
}

function faultInWords({ effect, host, instanceId, route, times }: FaultSpec): string {
  const { kind, ...rest } = effect;
  const how = Object.values(rest as Readonly<Record<string, unknown>>).join(' ');
  const where = [route ?? '', host ?? '', instanceId ?? ''].filter((word) => word !== '').join(' ');
  return [where === '' ? 'every call' : where, kind, how, times === undefined ? '' : `${times}×`].join(' ').trim();
}
