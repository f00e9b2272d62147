import { systemClock } from '../../../src/edge/clock.ts';
import { fakeStage } from '../../guests/fake/contract-stage.ts';
import { holdLibvirtAgainstTheContract } from '../../guests/contract.ts';

holdLibvirtAgainstTheContract('the fake', async () => fakeStage(systemClock));
