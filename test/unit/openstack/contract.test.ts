import { cloudContract } from '../../contract/cloud.ts';
import { emulatorStage } from '../../contract/emulator-stage.ts';
import { wireContract } from '../../contract/wire/contract.ts';

cloudContract('emulator', () => emulatorStage());
wireContract('emulator', () => emulatorStage());

cloudContract('emulator, one row a page', () => emulatorStage({ pageLimit: 1 }), ['services', 'moves']);
cloudContract(
  'emulator, which closes connections without saying so',
  () => emulatorStage({ connections: 'closed-silently' }),
  ['login', 'instances', 'evacuation'],
);
cloudContract('emulator, the oldest Nova', () => emulatorStage({ maxMicroversion: '2.53' }), [
  'login',
  'services',
  'evacuation',
  'moves',
]);
