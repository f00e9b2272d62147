import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRig, type Rig } from './rig/rig.ts';

const VALIDATE = ['crm_resource', '--validate', '--class', 'ocf', '--provider', 'lifeboat', '--agent', 'engine'];

describe('ocf:lifeboat:engine, asked by Pacemaker and its tools', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig({ name: 'agent', controllers: 1, computes: 1 });
  });
  afterAll(() => rig?.down());

  it('validates with the configuration in place', async () => {
    const answer = await rig.lab.exec('ctl1', [...VALIDATE, '--output-as=xml']);
    expect(answer.stdout).toContain('<agent-status code="0"');
  });

  it('says what is wrong with a configuration that is not there', async () => {
    const answer = await rig.lab.exec(
      'ctl1',
      [...VALIDATE, '--option', 'config=/etc/nothing.yaml', '--output-as=xml'],
      {
        allowFailure: true,
      },
    );
    expect(answer.stdout).toContain('/etc/nothing.yaml cannot be read: there is no such file');
  });

  it('has metadata that the schema of OCF 1.1 accepts', async () => {
    const check =
      '/usr/lib/ocf/resource.d/lifeboat/engine meta-data | xmllint --noout --relaxng /usr/share/pcs/data/ocf-1.1.rng -';
    expect((await rig.lab.exec('ctl1', ['sh', '-c', check])).code).toBe(0);
  });

  it('is described by pcs and by crmsh, with its parameters and their defaults', async () => {
    const pcs = await rig.lab.exec('ctl1', ['pcs', 'resource', 'describe', 'ocf:lifeboat:engine']);
    expect(pcs.stdout).toContain('config: The configuration file of lifeboatd');
    const crm = await rig.lab.exec('ctl1', ['crm', 'ra', 'info', 'ocf:lifeboat:engine']);
    expect(crm.stdout).toContain('[/etc/lifeboat/lifeboat.yaml]');
  });

  it('is monitored well by hand too', async () => {
    const answer = await rig.lab.exec('ctl1', ['crm_resource', '--resource', 'lifeboat', '--force-check']);
    expect(answer.code).toBe(0);
  });
});
