import { describe, expect, test } from '@jest/globals';
import { openLinux } from '../../../src/os/linux/linux.ts';
import { buildImage } from '../../support/build-image.ts';
import { findAnchors } from './find-anchors.ts';

describe.each(['5.10', '6.1', '6.6'] as const)('Linux %s', (kernel) => {
  test('a process that is taken out of every list of processes is found by its page table', () => {
    const image = buildImage({ kernel, seed: 3 })
      .process('rootkitd', { pid: 666, exe: '/tmp/rootkitd', hidden: 'everywhere' })
      .maps(0x7ff0_0000n, 'ascii 203.0.113.7')
      .build();
    const system = openLinux(image.memory, findAnchors(image.memory), {});
    const found = system?.processes.find(({ pid }) => pid === 666);
    expect(found).toMatchObject({ name: 'rootkitd', isHidden: true, path: '/tmp/rootkitd' });
  });
});
