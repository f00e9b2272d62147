declare const LIFEBOAT_PREFIX: string | undefined;

/** Set by the build; only a trial installation, in a folder of its own, has one. */
const prefix = typeof LIFEBOAT_PREFIX === 'string' ? LIFEBOAT_PREFIX : '';

/** Where the build puts what the agents start. */
export const RUNTIME = `${prefix}/usr/lib/lifeboat/bin/node`;
export const DAEMON = `${prefix}/usr/sbin/lifeboatd`;
export const MONITOR = `${prefix}/usr/sbin/lifeboat-monitor`;
export const COMMAND = `${prefix}/usr/bin/lifeboat`;
