import { setTimeout as pause } from 'node:timers/promises';
import { parseBmcMode } from './bmc-mode.ts';
import type { BmcMode } from './bmc-mode.ts';
import type { BmcAnswer, BmcRequest, Power, PowerAction, PowerEvent } from './bmc-protocol.ts';
import { LabError } from './lab-error.ts';

/** What the BMC works on: real nodes in the lab. */
export interface PowerSupply {
  readonly nodes: readonly string[];
  powerOf(node: string): Power;
  cut(node: string): Promise<void>;
  start(node: string): Promise<void>;
}

type ModeText = { readonly text: string; readonly mode: BmcMode };
const WORKING: ModeText = { text: 'ok', mode: { kind: 'ok' } };

/**
 * The virtual BMC. `ask` resolves with the answer; it may never do so (`hang`, `late`), as with a real one. Acts on one
 * node happen one after the other, and an act goes on when its caller has gone: a BMC keeps what was queued.
 */
export function createBmc(supply: PowerSupply, log: (event: Omit<PowerEvent, 'atMs'>) => void) {
  const modes = new Map<string, ModeText>();
  const queues = new Map<string, Promise<unknown>>();
  const late = new Set<string>();
  const claimed = new Map<string, Power>();
  let modeChanged = Promise.withResolvers<void>();

  const modeOf = (node: string): ModeText => modes.get(node) ?? modes.get('*') ?? WORKING;

  async function act(node: string, action: PowerAction): Promise<void> {
    const previous = queues.get(node) ?? Promise.resolve();
    const current = previous.then(() => actNow(node, action));
    queues.set(
      node,
      current.catch(() => {}), // a failed act is its caller's to hear of; the next one starts all the same
    );
    await current;
  }

  async function actNow(node: string, action: PowerAction): Promise<void> {
    claimed.delete(node);
    try {
      if (action !== 'on') {
        log({ node, event: 'off-begin' });
        await supply.cut(node);
        log({ node, event: 'off-done' });
      }
      if (action !== 'off' && supply.powerOf(node) === 'off') {
        log({ node, event: 'on-begin' });
        await supply.start(node);
        log({ node, event: 'on-done' });
      }
    } catch (error) {
      log({ node, event: 'failed', reason: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  async function settledMode(node: string): Promise<BmcMode> {
    while (modeOf(node).mode.kind === 'hang') await modeChanged.promise;
    return modeOf(node).mode;
  }

  async function fence(node: string, action: PowerAction): Promise<BmcAnswer> {
    const mode = await settledMode(node);
    switch (mode.kind) {
      case 'fail':
        return { ok: false, error: `the BMC of ${node} fails (mode fail)` };
      case 'lie':
        claimed.set(node, action === 'off' ? 'off' : 'on');
        return { ok: true };
      case 'norestart':
        if (action === 'on') return { ok: false, error: `${node} does not start (mode norestart)` };
        await act(node, 'off');
        return { ok: true, power: supply.powerOf(node) };
      case 'late':
        if (!late.has(node)) {
          late.add(node);
          await pause(mode.seconds * 1000);
          late.delete(node);
          await act(node, action);
        }
        return new Promise<never>(() => {});
      case 'slow':
        await pause(mode.seconds * 1000);
        break;
      case 'ok':
      case 'hang':
        break;
    }
    await act(node, action);
    return { ok: true, power: supply.powerOf(node) };
  }

  async function status(node: string): Promise<BmcAnswer> {
    const mode = await settledMode(node);
    if (mode.kind === 'fail') return { ok: false, error: `the BMC of ${node} fails (mode fail)` };
    if (mode.kind === 'slow') await pause(mode.seconds * 1000);
    if (mode.kind === 'late') return new Promise<never>(() => {});
    return { ok: true, power: claimed.get(node) ?? supply.powerOf(node) };
  }

  function setMode(node: string, text: string): BmcAnswer {
    modes.set(node, { text, mode: parseBmcMode(text) });
    // A mode for all is for all: it replaces what single nodes had.
    if (node === '*') for (const other of modes.keys()) if (other !== '*') modes.delete(other);
    log({ node, event: 'mode', mode: text });
    modeChanged.resolve();
    modeChanged = Promise.withResolvers<void>();
    return { ok: true };
  }

  async function ask(request: BmcRequest): Promise<BmcAnswer> {
    if (request.op === 'list') {
      return { ok: true, nodes: Object.fromEntries(supply.nodes.map((node) => [node, supply.powerOf(node)])) };
    }
    if (!supply.nodes.includes(request.node) && !(request.op === 'mode' && request.node === '*')) {
      throw new LabError('unknown-node', `the BMC knows no node "${request.node}"`);
    }
    if (request.op === 'mode') return setMode(request.node, request.mode);
    const byHand = request.by === 'hand';
    if (request.op === 'status') {
      return byHand ? { ok: true, power: supply.powerOf(request.node) } : status(request.node);
    }
    if (byHand) {
      await act(request.node, request.op);
      return { ok: true, power: supply.powerOf(request.node) };
    }
    log({ node: request.node, event: 'request', action: request.op, mode: modeOf(request.node).text });
    const answer = await fence(request.node, request.op);
    log({ node: request.node, event: 'answer', action: request.op, ok: answer.ok });
    return answer;
  }

  return { ask };
}
