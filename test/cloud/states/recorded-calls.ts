import { isLifeboatError } from '../../../src/errors.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import type { Cloud } from '../../../src/openstack/cloud.ts';

export interface RecordedCalls {
  readonly cloud: Cloud;
  /** What was asked for the instance, in its order; the same call twice in a row stands once, with `×2`. */
  of(instanceId: string): readonly string[];
}

const REFUSALS: Readonly<Partial<Record<ErrorCode, string>>> = { CLOUD_CONFLICT: '409', CLOUD_BAD_REQUEST: '400' };

/** The cloud as it is, and the calls that the engine makes for one instance, without those that only look. */
export function recordCalls(cloud: Cloud): RecordedCalls {
  const calls = new Map<string, string[]>();
  const recorded = async <T>(id: string, name: string, made: Promise<T>): Promise<T> => {
    const list = calls.get(id) ?? [];
    calls.set(id, list);
    const place = list.push(name) - 1;
    try {
      return await made;
    } catch (error) {
      list[place] = `${name} (${isLifeboatError(error) ? (REFUSALS[error.code] ?? 'failed') : 'failed'})`;
      throw error;
    }
  };
  return {
    cloud: {
      ...cloud,
      evacuate: (id, target, signal) => recorded(id, 'evacuate', cloud.evacuate(id, target, signal)),
      resetState: (id, signal) => recorded(id, 'reset to error', cloud.resetState(id, signal)),
      act: (id, action, signal) => recorded(id, action, cloud.act(id, action, signal)),
      lastAction: (id, signal) => recorded(id, 'read its last call', cloud.lastAction(id, signal)),
    },
    of: (id) => inWords(calls.get(id) ?? []),
  };
}

function inWords(calls: readonly string[]): readonly string[] {
  const words: { readonly call: string; times: number }[] = [];
  for (const call of calls) {
    const last = words.at(-1);
    if (last?.call === call) last.times += 1;
    else words.push({ call, times: 1 });
  }
  return words.map(({ call, times }) => (times === 1 ? call : `${call} ×${times}`));
}
