import type { Holdings } from '../holdings.ts';

/** The same segments and hosts as commands of python-masakariclient. The API gives them uuids of its own. */
export function exportCommands({ hosts, segments }: Holdings): string {
  const lines = segments.flatMap((segment) => {
    const { description, enabled, name, recoveryMethod, serviceType, uuid } = segment;
    const create = [
      ...['openstack', 'segment', 'create', ...(enabled ? [] : ['--is_enabled', 'False'])],
      ...(description === undefined ? [] : ['--description', quoted(description)]),
      ...['--', quoted(name), recoveryMethod, quoted(serviceType)],
    ].join(' ');
    return [create, ...hosts.filter(({ segmentUuid }) => segmentUuid === uuid).map((host) => hostCommand(host, name))];
  });
  return ['#!/bin/sh', 'set -e', ...lines, ''].join('\n');
}

function hostCommand(host: Holdings['hosts'][number], segment: string): string {
  const { controlAttributes, name, onMaintenance, reserved, type } = host;
  return [
    'openstack segment host create',
    ...(reserved ? ['--reserved True'] : []),
    ...(onMaintenance ? ['--on_maintenance True'] : []),
    ...['--', quoted(name), quoted(type), quoted(controlAttributes), quoted(segment)],
  ].join(' ');
}

/** For a shell. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
