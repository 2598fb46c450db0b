/** How far from where an allocation begins: any place well inside a page will do. */
const SHIFT = 1024;

/**
 * Room for reads from a file that are made often or are large.
 *
 * Allocators begin large blocks a few bytes behind a page's start, and a kernel that copies whole pages there can take
 * four times as long (AMD Zen, Linux 6: 1.9 us a page instead of 0.5, at 8 or 16 bytes behind, not at 0 or from 32 on).
 */
export const readRoom = (length: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(new ArrayBuffer(SHIFT + length), SHIFT, length);
