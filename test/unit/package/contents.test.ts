import { describe, expect, it } from 'vitest';
import { ownerOf } from '../../../scripts/package/contents.ts';

describe('what belongs to which package', () => {
  it.each([
    ['/usr/sbin/lifeboatd', 'lifeboat'],
    ['/usr/lib/ocf/resource.d/lifeboat/engine', 'lifeboat'],
    ['/usr/share/doc/lifeboat/configuration.md', 'lifeboat'],
    ['/usr/bin/lifeboat', 'lifeboat-runtime'],
    ['/usr/lib/lifeboat/bin/node', 'lifeboat-runtime'],
    ['/usr/sbin/lifeboat-monitor', 'lifeboat-monitor'],
    ['/usr/lib/systemd/system/lifeboat-monitor.service', 'lifeboat-monitor'],
    ['/usr/lib/ocf/resource.d/lifeboat/monitor', 'lifeboat-runtime'],
    ['/etc/lifeboat/monitor.yaml.example', 'lifeboat-monitor'],
    ['/usr/share/man/man7/ocf_lifeboat_monitor.7.gz', 'lifeboat-runtime'],
  ])('%s belongs to %s', (path, name) => {
    expect(ownerOf(path)).toBe(name);
  });

  it('is an error for a file that nobody has thought of', () => {
    expect(() => ownerOf('/usr/share/lifeboat-new')).toThrow('no package has /usr/share/lifeboat-new');
  });
});
