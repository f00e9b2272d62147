import type { StateTable } from './table.ts';

/** One line for each thing that is not as it was recorded: `paused, 2.53: bare.status: 409, was 200`. */
export function differences(now: StateTable, recorded: StateTable): readonly string[] {
  const [flatNow, flatThen] = [flatten(now), flatten(recorded)];
  const places = new Set([...flatNow.keys(), ...flatThen.keys()]);
  return [...places].flatMap((place) => {
    const [is, was] = [flatNow.get(place) ?? 'nothing', flatThen.get(place) ?? 'nothing'];
    return is === was ? [] : [`${place}: ${is}, was ${was}`];
  });
}

function flatten({ rows }: StateTable): ReadonlyMap<string, string> {
  return new Map(
    rows.flatMap(({ state, at }) =>
      Object.entries(at).flatMap(([microversion, { before, bare, lifeboat }]) => {
        const fields = { before, ...prefixed('bare', bare), ...prefixed('lifeboat', lifeboat) };
        return Object.entries(fields).map(([field, value]) => [`${state}, ${microversion}: ${field}`, value] as const);
      }),
    ),
  );
}

function prefixed(prefix: string, fields: object): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      `${prefix}.${key}`,
      Array.isArray(value) ? withoutRepeats(value.map(String)).join(', ') : String(value),
    ]),
  );
}

/** A call that Nova refused because it was still at work on the same one: that tells of the machine, not of the state. */
function withoutRepeats(calls: readonly string[]): readonly string[] {
  return calls.filter((call, index) => call !== `${String(calls[index - 1])} (400)`);
}
