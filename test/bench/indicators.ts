/** `count` indicators, the one that the images hold first: every second one a domain. No two begin or end alike on purpose. */
export function indicatorList(first: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    if (index === 0) return first;
    if (index % 2 === 0)
      return `${WORDS[index % WORDS.length]}${index}.${ZONES[index % ZONES.length]}`;
    const octets = [index * 37, index * 91, index * 53, index * 29].map((n) => n % 253);
    return [(octets[0] ?? 0) + 1, octets[1], octets[2], (octets[3] ?? 0) + 1].join('.');
  });
}

const WORDS = ['update', 'cdn-', 'mail', 'static', 'login', 'api-', 'news'];
const ZONES = [
  'evil-zone.example',
  'badhost.test',
  'c2.invalid',
  'phish-bank.example',
  'dropper.test',
];
