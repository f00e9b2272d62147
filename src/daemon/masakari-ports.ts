import { existsSync } from 'node:fs';
import { NOBODY_ASKED, type TokenHolder } from '../api/auth/caller.ts';
import type { Authenticate } from '../api/auth/authenticate.ts';
import { HostKeys, withHostKeys } from '../api/auth/host-keys.ts';
import { keystoneTokens } from '../api/auth/keystone-tokens.ts';
import { PolicyFile } from '../api/auth/policy-file.ts';
import { Policy } from '../api/auth/policy.ts';
import type { MountPorts } from '../api/masakari/mount.ts';
import { rateLimit } from '../api/rate-limit.ts';
import type { Config } from '../config/config.ts';
import { readHostKeysFile } from '../config/host-keys-file.ts';
import { readPolicyFile } from '../config/policy-file.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';
import type { Heart } from './heart.ts';

/** How Keystone is asked about a token. */
export interface TokenCheck {
  /** Undefined: it knows no such token. */
  readonly check: (token: string, signal: AbortSignal) => Promise<TokenHolder | undefined>;
  /** Of Keystone, for who comes without a token. */
  readonly authUrl: string;
}

export interface MasakariPortsOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly randomness: Randomness;
  readonly tokens?: TokenCheck;
}

/** What Masakari's API needs of the daemon. */
export function masakariPorts(options: MasakariPortsOptions, { engine }: Heart): MountPorts {
  const { clock, config, logger, randomness, tokens } = options;
  const { corsOrigins, drainFile, linkPrefix, maxLimit, rateLimit: perSecond } = config.api;
  return {
    registry: engine.registry,
    policy: policyOf(options),
    authenticate: knowHostKeys(options, authenticateBy(options)),
    keystoneUrl: tokens?.authUrl,
    requestId: () => randomness.uuid(),
    logger,
    maxLimit,
    linkPrefix,
    corsOrigins,
    mayAsk: rateLimit(perSecond, clock),
    notReady: () => (existsSync(drainFile) ? 'DISABLED BY FILE' : whyNotReady(engine)),
  };
}

function whyNotReady({ ownHold, phase }: Heart['engine']): string | undefined {
  return ownHold?.reason ?? (phase === 'active' ? undefined : `the engine is ${phase}`);
}

function authenticateBy({ clock, config, logger, tokens }: MasakariPortsOptions): Authenticate {
  if (config.api.auth === 'noauth') return async () => ({ kind: 'caller', caller: NOBODY_ASKED });
  if (tokens === undefined) return async () => ({ kind: 'refused' });
  return keystoneTokens({ check: tokens.check, clock, logger, cacheMs: config.api.tokenCacheMs });
}

function knowHostKeys({ clock, config, logger }: MasakariPortsOptions, authenticate: Authenticate): Authenticate {
  const { hostKeysFile: path } = config.api;
  if (path === undefined) return authenticate;
  return withHostKeys(new HostKeys({ path, read: () => readHostKeysFile(path), clock, logger }), authenticate);
}

function policyOf({ clock, config, logger }: MasakariPortsOptions): () => Policy {
  const { policyFile: path } = config.api;
  if (path === undefined) {
    const builtIn = new Policy();
    return () => builtIn;
  }
  const file = new PolicyFile({ path, read: () => readPolicyFile(path), clock, logger });
  return () => file.current;
}
