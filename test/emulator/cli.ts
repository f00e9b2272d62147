/**
 * The emulator as a process of its own:
 * `node test/emulator/cli.ts --listen HOST:PORT --control SOCKET [--config FILE.json]`.
 * The file holds `options`, `hosts` and `instances`. It prints one line of JSON when it is ready.
 */
import { readFile, rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startEmulator } from './index.ts';
import type { EmulatorOptions, HostSpec, InstanceSpec } from './index.ts';

interface Configuration {
  readonly options?: Partial<EmulatorOptions>;
  readonly hosts?: readonly HostSpec[];
  readonly instances?: readonly InstanceSpec[];
}

const { values } = parseArgs({
  options: { listen: { type: 'string' }, control: { type: 'string' }, config: { type: 'string' } },
});
const address = /^(.*):(\d+)$/.exec(values.listen ?? '');
if (address === null || values.control === undefined) {
  process.stderr.write('usage: cli.ts --listen HOST:PORT --control SOCKET [--config FILE.json]\n');
  process.exit(2);
}

const configuration =
  values.config === undefined ? {} : (JSON.parse(await readFile(values.config, 'utf8')) as Configuration);
const control = values.control;
// A socket file that a killed predecessor left behind would refuse the new one.
await rm(control, { force: true });
const emulator = await startEmulator({
  host: address[1] ?? '127.0.0.1',
  port: Number(address[2]),
  controlPath: control,
  options: configuration.options ?? {},
});
for (const host of configuration.hosts ?? []) await emulator.addHost(host);
for (const instance of configuration.instances ?? []) await emulator.addInstance(instance);
process.stdout.write(`${JSON.stringify({ authUrl: emulator.authUrl, novaUrl: emulator.novaUrl, control })}\n`);

const leave = (): void => {
  void emulator
    .close()
    .then(() => rm(control, { force: true }))
    .then(() => process.exit(0));
};
process.once('SIGTERM', leave);
process.once('SIGINT', leave);
