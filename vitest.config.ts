import { defineConfig } from 'vitest/config';

/**
 * `unit` needs nothing but Node; `programs` builds and runs the agents and the daemon as processes; `store` needs Debian's
 * MariaDB, see test/store/install.ts; `clients` Debian's clients of Masakari, see test/clients/install.ts; `processes`
 * root and Debian's systemd, see test/processes/install.ts; `guests` root and Debian's libvirt and QEMU, see
 * test/guests/README.md; `packages` root and what checks packages, see test/packages/install.ts; `cluster` needs root and
 * Debian's Pacemaker, see test/cluster/README.md; `cloud` root and Debian's OpenStack, see test/cloud/README.md.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          environment: 'node',
          testTimeout: 15_000,
          // Most of a test's time is waiting for an emulated cloud: four at a time keep two cores busy.
          pool: 'threads',
          isolate: false,
          maxWorkers: 4,
        },
      },
      {
        test: {
          name: 'programs',
          include: ['test/programs/**/*.test.ts'],
          environment: 'node',
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'store',
          include: ['test/store/**/*.test.ts'],
          environment: 'node',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'processes',
          include: ['test/processes/**/*.test.ts'],
          environment: 'node',
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'clients',
          include: ['test/clients/**/*.test.ts'],
          environment: 'node',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'guests',
          include: ['test/guests/**/*.test.ts'],
          environment: 'node',
          fileParallelism: false,
          // A guest boots in emulation.
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'packages',
          include: ['test/packages/**/*.test.ts'],
          environment: 'node',
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          environment: 'node',
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'cloud',
          include: ['test/cloud/**/*.test.ts'],
          environment: 'node',
          fileParallelism: false,
          // The first start of a cloud makes its databases; a busy machine takes minutes for that.
          testTimeout: 600_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
