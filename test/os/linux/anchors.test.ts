import { expect, test } from '@jest/globals';
import { LINUX_ANCHORS } from '../../../src/os/linux/anchors.ts';
import { buildLinux } from '../../support/build-image.ts';
import { findAnchors } from './find-anchors.ts';

test('every anchor is one that the scan can look for, under a name of its own', () => {
  for (const { bytes } of LINUX_ANCHORS) {
    expect(bytes.length).toBeGreaterThanOrEqual(4);
    expect(bytes.length).toBeLessThanOrEqual(64);
  }
  expect(new Set(LINUX_ANCHORS.map(({ name }) => name)).size).toBe(LINUX_ANCHORS.length);
});

test('a machine has all of them', () => {
  const { memory } = buildLinux().build();
  const found = new Set(findAnchors(memory).map(({ name }) => name));
  expect([...found].toSorted()).toEqual(LINUX_ANCHORS.map(({ name }) => name).toSorted());
});
