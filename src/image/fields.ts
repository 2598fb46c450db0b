/** Little-endian 64-bit number. Exact up to 2^53; anything above is past every limit that we check it against. */
export const u64 = (view: DataView, offset: number): number =>
  view.getUint32(offset + 4, true) * 2 ** 32 + view.getUint32(offset, true);

/** The bytes as a view for numbers, without a copy. */
export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Text up to the first zero byte, one character per byte; what does not print becomes a question mark. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Array.from(end < 0 ? bytes : bytes.subarray(0, end), (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?',
  ).join('');
}

/** Whether the ASCII text stands in the bytes at this offset. */
export function holdsText(bytes: Uint8Array, offset: number, text: string): boolean {
  if (offset + text.length > bytes.length) return false;
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[offset + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
