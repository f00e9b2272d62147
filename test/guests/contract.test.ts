import { systemClock } from '../../src/edge/clock.ts';
import { holdLibvirtAgainstTheContract } from './contract.ts';
import { realStage } from './lab/contract-stage.ts';

holdLibvirtAgainstTheContract('a real libvirtd with a real QEMU', () => realStage(systemClock));
