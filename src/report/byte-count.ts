/** Bytes for people: "1 GiB", "512.5 MiB", "4 KiB". */
export function byteCount(count: number): string {
  const [unit, size] =
    count >= 2 ** 30 ? ['GiB', 2 ** 30] : count >= 2 ** 20 ? ['MiB', 2 ** 20] : ['KiB', 2 ** 10];
  return `${(count / size).toFixed(count % size === 0 ? 0 : 1)} ${unit}`;
}
