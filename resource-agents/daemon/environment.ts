const KEPT = [
  'LANG',
  'TZ',
  'LIFEBOAT_DATABASE_PASSWORD',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
];

/**
 * What the daemon gets of the agent's environment: its credentials, when they are given there, and how to reach the
 * network. Nothing that Pacemaker set for the agent: its OCF_* and CRM_* would be read by the commands that the daemon
 * runs.
 */
export function daemonEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (KEPT.includes(entry[0]) || entry[0].startsWith('OS_')),
  );
  return { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...Object.fromEntries(kept) };
}
