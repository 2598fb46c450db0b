import { describe, expect, test } from '@jest/globals';
import { pathsOf } from '../../../src/os/linux/paths.ts';
import { vmasOf } from '../../../src/os/linux/vmas.ts';
import { buildLinux, type BuiltImage } from '../../support/build-image.ts';
import { kernelOf, patched, word } from './built-machine.ts';

const AT = 0x7f00_0000_0000n;
const built = (path: string): BuiltImage =>
  buildLinux().process('p', { pid: 9 }).region(AT, 1, { kind: 'shm', path }).build();

/** The file that the process maps at `AT`, and everything that leads to its name. */
function fileOf(image: BuiltImage) {
  const kernel = kernelOf(image);
  const { btf, structures } = kernel;
  const task = image.truth.processes.find(({ pid }) => pid === 9)?.object ?? 0n;
  const mm = structures.pointer(task, btf.offset('task_struct', 'mm'));
  const file = vmasOf(kernel, mm, 'p').find(({ start }) => start === AT)?.file ?? 0n;
  const dentry = structures.pointer(file, btf.offset('file', 'f_path.dentry'));
  const inode = structures.pointer(file, btf.offset('file', 'f_inode'));
  return { kernel, file, dentry, inode };
}

test.each([
  ['/etc/passwd', '/etc/passwd'],
  ['/opt/tool/bin/agent', '/opt/tool/bin/agent'],
  ['/dev/shm/segment', '/dev/shm/segment'],
  ['memfd:queue', '/memfd:queue (deleted)'],
  ['dev/zero', '/dev/zero (deleted)'],
  ['[io_uring]', 'anon_inode:[io_uring]'],
])('%s is named %s', (path, name) => {
  const { kernel, file } = fileOf(built(path));
  expect(pathsOf(kernel).ofFile(file)).toBe(name);
});

test('a file is named by its inode, too, over the mounts above it', () => {
  const { kernel, inode } = fileOf(built('/opt/tool/agent'));
  expect(pathsOf(kernel).ofInode(inode)).toBe('/opt/tool/agent');
  expect(pathsOf(kernel).fileSystem(inode)).toBe('ext4');
});

describe('a name that is damaged', () => {
  const image = built('/opt/tool/agent');
  const { dentry, inode, file } = fileOf(image);
  const damaged = (struct: string, member: string, at: bigint, value: Uint8Array) => {
    const place = image.toPhysical(at) + image.offsetOf(struct, member);
    const memory = patched(image.memory, [[place, value]]);
    return { paths: pathsOf(kernelOf({ ...image, memory })), memory };
  };

  test('in a circle of folders has no path', () => {
    const kernel = kernelOf(image);
    const parent = kernel.structures.pointer(dentry, image.offsetOf('dentry', 'd_parent'));
    const { paths } = damaged('dentry', 'd_parent', parent, word(dentry));
    expect(paths.ofFile(file)).toBeNull();
  });

  test('that leads into user memory has no path', () => {
    expect(damaged('dentry', 'd_parent', dentry, word(0x1000n)).paths.ofFile(file)).toBeNull();
    expect(pathsOf(kernelOf(image)).ofFile(0x1000n)).toBeNull();
  });

  test('of a file that was removed says so', () => {
    const { paths } = damaged('dentry', 'd_hash.pprev', dentry, word(0n));
    expect(paths.ofFile(file)).toBe('/opt/tool/agent (deleted)');
  });

  test('that is no longer cached leaves the number of the inode', () => {
    const { paths } = damaged('inode', 'i_dentry', inode, word(0n));
    expect(paths.ofInode(inode)).toMatch(/^\[ext4 inode \d+\]$/);
  });

  test('of any length is cut at what a name can have', () => {
    const { paths } = damaged('dentry', 'd_name.len', dentry, Uint8Array.of(255, 255, 255, 255));
    expect(paths.ofFile(file)).toBe('/opt/tool/agent');
  });
});
