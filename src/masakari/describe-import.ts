import type { ImportPlan } from './plan-import.ts';

/** The plan for an operator's terminal. Ends with a line break. */
export function describeImport({ obstacle, options, remarks, segments }: ImportPlan): string {
  const hosts = segments.reduce((sum, segment) => sum + segment.hosts.length, 0);
  const lines = [`${segments.length} segments with ${hosts} hosts:`];
  for (const segment of segments) {
    const off = segment.enabled ? '' : ', disabled';
    lines.push(`  ${segment.name} (${segment.recoveryMethod}${off})`);
    for (const host of segment.hosts) {
      const marks = [host.reserved ? 'reserved' : '', host.onMaintenance ? 'on maintenance' : ''].filter(Boolean);
      lines.push(`    ${host.name}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}`);
    }
  }
  if (remarks.length > 0) lines.push('', ...remarks);
  lines.push('', 'for lifeboat.yaml:');
  if (options.yaml.size === 0) lines.push('  nothing: what is set there is what Lifeboat does anyway');
  for (const [section, settings] of options.yaml) lines.push(`  ${section}:`, ...settings.map((line) => `    ${line}`));
  if (options.left.length > 0) lines.push('', 'without a counterpart:');
  for (const { option, why } of options.left) lines.push(`  ${option}: ${why}`);
  if (obstacle !== undefined) lines.push('', obstacle);
  return `${lines.join('\n')}\n`;
}
