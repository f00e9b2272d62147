import { cloudContract } from '../../contract/cloud.ts';
import { directStage } from '../../contract/direct-stage.ts';
import { emulatorStage } from '../../contract/emulator-stage.ts';
import { wireContract } from '../../contract/wire/contract.ts';

cloudContract('emulator', () => emulatorStage());
wireContract('emulator', () => emulatorStage());

cloudContract('emulator, one row a page', () => emulatorStage({ pageLimit: 1 }), ['services', 'moves']);
cloudContract(
  'emulator, which closes connections without saying so',
  () => emulatorStage({ connections: 'closed-silently' }),
  ['login', 'instances', 'pages', 'evacuation'],
);
cloudContract('emulator, the oldest Nova', () => emulatorStage({ maxMicroversion: '2.53' }), [
  'login',
  'services',
  'evacuation',
  'moves',
]);
// The simulator's door to the same world: no HTTP, no login, no pages.
cloudContract('without HTTP', () => directStage(), [
  'services',
  'heartbeats',
  'instances',
  'evacuation',
  'moves',
  'migration',
]);
