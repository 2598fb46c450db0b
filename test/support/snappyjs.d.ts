declare module 'snappyjs' {
  export function compress(text: Uint8Array): Uint8Array;
}
