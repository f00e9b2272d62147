/** A box with power, a clock and a network; what is true of it, whatever the cluster believes. */
export interface Machine {
  readonly name: string;
  /** Runs corosync, or pacemaker_remoted only. */
  readonly kind: 'cluster' | 'remote';
  /** Whether nova-compute and guests run on it. */
  readonly isHost: boolean;
  readonly bootMs: number;
  power: 'off' | 'booting' | 'on';
  /** corosync and Pacemaker, or pacemaker_remoted. */
  daemon: 'running' | 'gone';
  network: 'connected' | 'cut';
  bmc: BmcMode;
  /** No resource runs on it: then Pacemaker stops its connection beside the fencing (seen; e3). */
  isIdle: boolean;
  /** What its fencing device is asked for. */
  fencingAction: 'reboot' | 'off';
  /** How far its wall clock is ahead of the true time. */
  wallOffsetMs: number;
  /** Counts the times that power came or went: what was begun in another life of it is over. */
  life: number;
  /** Requests that its BMC keeps and has not answered. */
  readonly kept: (() => void)[];
}

/** How a BMC treats fencing requests: the modes of the lab's (test/cluster/lab/bmc-mode.ts), and one more. */
export type BmcMode =
  | { readonly kind: 'ok' }
  | { readonly kind: 'fail' }
  /** Keeps a request, and carries it out when the mode changes. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'slow'; readonly ms: number }
  /** Answers "done" and does nothing. */
  | { readonly kind: 'lie' }
  /** Switches off, and fails to switch on again. */
  | { readonly kind: 'norestart' }
  /** Never answers in time, and does it all the same after that long. */
  | { readonly kind: 'late'; readonly ms: number }
  /** A level of two devices of which one fails: off, and the fencing counts as failed (seen; e6). */
  | { readonly kind: 'partial' };

export interface MachineSpec {
  readonly name: string;
  readonly kind: Machine['kind'];
  readonly isHost: boolean;
  readonly bootMs: number;
  readonly isIdle?: boolean;
  readonly fencingAction?: Machine['fencingAction'];
}

export function newMachine(spec: MachineSpec): Machine {
  return {
    name: spec.name,
    kind: spec.kind,
    isHost: spec.isHost,
    bootMs: spec.bootMs,
    power: 'on',
    daemon: 'running',
    network: 'connected',
    bmc: { kind: 'ok' },
    isIdle: spec.isIdle ?? false,
    fencingAction: spec.fencingAction ?? 'reboot',
    wallOffsetMs: 0,
    life: 0,
    kept: [],
  };
}

/** Whether its daemon would be heard by somebody in its network. */
export function answers(machine: Machine): boolean {
  return machine.power === 'on' && machine.daemon === 'running' && machine.network === 'connected';
}
