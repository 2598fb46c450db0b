/** What the system is called: by an environment that is in RAM, whoever's. */
import { expect, test } from '@jest/globals';
import {
  buildWindows,
  type WindowsProcessOptions,
} from '../../support/build-windows/build-windows.ts';
import { openScanned, rawMemory } from './open-built.ts';

const NAMED = ['ALLUSERSPROFILE=C:\\ProgramData', 'ComputerName=WORKSTATION7', 'OS=Windows_NT'];

test.each<[string, readonly Partial<WindowsProcessOptions>[], string | null]>([
  ['the first has it', [{ environment: NAMED }], 'WORKSTATION7'],
  ['the first has no environment', [{}, { environment: NAMED }], 'WORKSTATION7'],
  [
    'the first says nothing of it',
    [{ environment: ['OS=x'] }, { environment: NAMED }],
    'WORKSTATION7',
  ],
  [
    'that of the first is paged out',
    [{ peb: 'paged-out', environment: ['COMPUTERNAME=NOT-THIS'] }, { environment: NAMED }],
    'WORKSTATION7',
  ],
  ['it has no name', [{ environment: ['COMPUTERNAME='] }], null],
  ['nobody has one', [{}, {}], null],
  ['another name ends with it', [{ environment: ['OTHERCOMPUTERNAME=NOT-THIS'] }], null],
])('the name of the computer where %s', async (_, processes, name) => {
  const machine = buildWindows({ build: 19041, seed: 3 });
  for (const [index, options] of processes.entries()) {
    machine.process(`worker${index}.exe`, { pid: 1000 + index * 4, ...options });
  }
  const bytes = machine.toBytes();
  const { system } = await openScanned(rawMemory(bytes));
  expect(system.hostName).toBe(name);
});
