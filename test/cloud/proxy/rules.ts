/** What a rule does to a request that it matches. Times are milliseconds. */
export type Fault =
  /** Answers by itself; `executed` says whether the cloud carries the request out all the same. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** An object is sent as JSON, a text as it is. */
      readonly body?: object | string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly executed?: boolean;
    }
  | { readonly kind: 'delay'; readonly ms: number; readonly when: 'before-executing' | 'after-executing' }
  /** Closes the client's connection instead of answering; `half-way` gives the head and half of the body first. */
  | { readonly kind: 'cut'; readonly when: 'before-executing' | 'after-executing' | 'half-way' }
  /** Changes the request on its way, so that the cloud itself gives the refusal: a spoilt token, a version too high. */
  | { readonly kind: 'request-headers'; readonly set: Readonly<Record<string, string | undefined>> }
  | { readonly kind: 'request-query'; readonly set: Readonly<Record<string, string>> };

export interface FaultRule {
  readonly effect: Fault;
  /** Which requests: a part of the route as `routeOf` writes it (`nova GET /servers/detail`), or a pattern of it. */
  readonly route: string | RegExp;
  /** A pattern of the path with its query, when the route is not enough. */
  readonly path?: RegExp;
  /** How often it strikes; until `clearFaults` when left out. */
  readonly times?: number;
}

export interface RuleBook {
  /** Answers what takes the rule back. */
  add(rule: FaultRule): () => void;
  clear(): void;
  /** The effects that strike this request, in the order in which they were laid; each is used up by one. */
  take(route: string, path: string): readonly Fault[];
}

export function createRuleBook(): RuleBook {
  let laid: { readonly rule: FaultRule; left: number }[] = [];
  return {
    add(rule) {
      const entry = { rule, left: rule.times ?? Number.POSITIVE_INFINITY };
      laid.push(entry);
      return () => {
        laid = laid.filter((other) => other !== entry);
      };
    },
    clear() {
      laid = [];
    },
    take(route, path) {
      const struck = laid.filter(({ rule }) => matches(rule, route, path));
      for (const entry of struck) entry.left -= 1;
      laid = laid.filter(({ left }) => left > 0);
      return struck.map(({ rule }) => rule.effect);
    },
  };
}

function matches(rule: FaultRule, route: string, path: string): boolean {
  const onRoute = typeof rule.route === 'string' ? route.includes(rule.route) : rule.route.test(route);
  return onRoute && (rule.path === undefined || rule.path.test(path));
}
