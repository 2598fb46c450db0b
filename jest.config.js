export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/transform.cjs' },
  testTimeout: 60_000,
  maxWorkers: 2,
  // Modules of earlier test files are never freed in ESM mode.
  workerIdleMemoryLimit: '1GB',
};
