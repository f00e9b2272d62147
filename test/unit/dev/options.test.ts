import { describe, expect, it } from 'vitest';
import { devOptions } from '../../../scripts/dev/options.ts';

describe('the options of dev mode', () => {
  it('are twelve hosts, nobody is asked who they are, and nothing dies, when none is given', () => {
    expect(devOptions([])).toEqual({
      ...{ port: 15_868, hosts: 12, instances: 2, auth: 'noauth' },
      ...{ folder: undefined, store: undefined, cloud: undefined, catalogUrl: undefined, kill: undefined },
    });
  });

  it('say when a host dies', () => {
    const killed = devOptions(['--kill', 'compute-3', '--after', '10s']);
    expect(killed).toMatchObject({ kill: { host: 'compute-3', afterMs: 10_000 } });
    expect(devOptions(['--kill', 'compute-3'])).toMatchObject({ kill: { afterMs: 5_000 } });
  });

  it('take a real cloud with its tokens, unless somebody wants none', () => {
    expect(devOptions(['--cloud', 'lab'])).toMatchObject({ cloud: { name: 'lab', file: undefined }, auth: 'keystone' });
    const words = ['--cloud', 'lab', '--clouds-file', '/tmp/clouds.yaml', '--auth', 'noauth'];
    expect(devOptions(words)).toMatchObject({ cloud: { name: 'lab', file: '/tmp/clouds.yaml' }, auth: 'noauth' });
  });

  it.each([
    [['--cloud', 'lab', '--kill', 'compute-1'], '--kill is for an emulated cloud'],
    [['--cloud', 'lab', '--hosts', '3'], '--hosts is for an emulated cloud'],
    [['--cloud', 'lab', '--instances', '3'], '--instances is for an emulated cloud'],
    [['--clouds-file', '/tmp/clouds.yaml'], '--clouds-file needs --cloud'],
    [['--port', '0'], '--port takes a whole number from 1 to 65535; got "0"'],
    [['--port', '1e3'], '--port takes a whole number'],
    [['--hosts', '0'], '--hosts takes a whole number from 1 to 1000'],
    [['--auth', 'none'], '--auth takes noauth or keystone'],
    [['--kill', 'compute-1', '--after', '10'], '--after takes a time as 10s or 2m'],
    [['--kill', 'compute-1', '--after', '2d'], 'at most a day'],
    [['extra'], 'extra'],
  ])('refuse %j', (argv, why) => {
    expect(() => devOptions(argv)).toThrow(why);
  });
});
