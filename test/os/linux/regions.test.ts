import { expect, test } from '@jest/globals';
import { buildLinux, type RegionOptions } from '../../support/build-image.ts';
import { openBuilt } from './built-machine.ts';

const AT = 0x7f00_0000_0000n;

function regionOf(options: RegionOptions) {
  const image = buildLinux().process('p', { pid: 9 }).region(AT, 2, options).build();
  const system = openBuilt(image);
  const process = system.processes.find(({ pid }) => pid === 9);
  const regions = process === undefined ? [] : system.regions(process);
  return regions.find(({ start }) => start === AT);
}

test.each<[RegionOptions, string, string | null, string]>([
  [{ kind: 'anon' }, 'anonymous', null, 'rw-p'],
  [{ kind: 'anon', perms: '---p' }, 'anonymous', null, '---p'],
  [{ kind: 'anon', perms: 'rwxp' }, 'anonymous', null, 'rwxp'],
  [{ kind: 'heap' }, 'heap', '[heap]', 'rw-p'],
  [{ kind: 'stack' }, 'stack', '[stack]', 'rw-p'],
  [{ kind: 'vdso' }, 'special', '[vdso]', 'r-xp'],
  [{ kind: 'file', path: '/usr/lib/libc.so.6', perms: 'r-xp' }, 'file', '/usr/lib/libc.so.6', 'r-xp'], // prettier-ignore
  [{ kind: 'file', path: '/var/log/app.log', perms: 'r--s' }, 'file', '/var/log/app.log', 'r--s'],
  [{ kind: 'shm', path: '/dev/shm/queue' }, 'shared-memory', '/dev/shm/queue', 'rw-s'],
  [{ kind: 'shm', path: 'memfd:queue' }, 'shared-memory', '/memfd:queue (deleted)', 'rw-s'],
  [{ kind: 'shm', path: 'SYSV00000000' }, 'shared-memory', '/SYSV00000000 (deleted)', 'rw-s'],
  [{ kind: 'shm', path: 'dev/zero' }, 'shared-memory', '/dev/zero (deleted)', 'rw-s'],
  [{ kind: 'file', path: '/dev/shm/loader', perms: 'r-xp' }, 'file', '/dev/shm/loader', 'r-xp'],
  [{ kind: 'file', path: 'memfd:loader', perms: 'r-xp' }, 'file', '/memfd:loader (deleted)', 'r-xp'], // prettier-ignore
])('%j is %s, named %s', (options, kind, name, protection) => {
  expect(regionOf(options)).toMatchObject({ kind, name, protection });
});
