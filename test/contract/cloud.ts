import { afterEach, beforeEach, describe } from 'vitest';
import { evacuationContract } from './evacuation.ts';
import { faultContract } from './faults.ts';
import { heartbeatContract } from './heartbeat.ts';
import { instanceContract } from './instances.ts';
import { inventoryContract } from './inventory.ts';
import { loginContract } from './login.ts';
import { migrationContract } from './migration.ts';
import { moveContract } from './moves.ts';
import { pageContract } from './pages.ts';
import { createScene } from './scene.ts';
import type { Scene } from './scene.ts';
import { serviceContract } from './services.ts';
import type { ContractStage } from './stage.ts';

export type { ContractStage, InstanceWish } from './stage.ts';

const PARTS = {
  login: loginContract,
  services: serviceContract,
  heartbeats: heartbeatContract,
  instances: instanceContract,
  pages: pageContract,
  evacuation: evacuationContract,
  moves: moveContract,
  migration: migrationContract,
  faults: faultContract,
  inventory: inventoryContract,
} as const satisfies Record<string, (scene: Scene) => void>;

export type ContractPart = keyof typeof PARTS;

/**
 * What Lifeboat relies on in a cloud. The suite runs against the emulator and against a real Nova, and so keeps the
 * one like the other.
 */
export function cloudContract(
  name: string,
  makeStage: () => Promise<ContractStage>,
  parts: readonly ContractPart[] = Object.keys(PARTS) as ContractPart[],
): void {
  describe(`the cloud contract: ${name}`, () => {
    let stage: ContractStage;
    beforeEach(async () => {
      stage = await makeStage();
    });
    afterEach(() => stage.dispose());
    const scene = createScene(() => stage);
    for (const part of parts) {
      describe(part, () => {
        PARTS[part](scene);
      });
    }
  });
}
