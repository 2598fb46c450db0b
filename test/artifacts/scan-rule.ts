import { ipv4Octets, ipv6Groups, ipv6Octets } from '../../src/indicator/ip-text.ts';
import { readArtifact } from './artifact-format.ts';

/** The YARA rule that the scan artifacts make for these addresses: their own templates, filled by the same steps. */
export function scanRule(addresses: readonly string[], withBinary = true): string {
  const parts = addresses.map((address) => {
    const is4 = address.includes('.');
    const template =
      templateOf(is4 ? 'Ipv4Strings' : 'Ipv6Strings') +
      (withBinary ? templateOf(is4 ? 'Ipv4Binary' : 'Ipv6Binary') : '');
    const text = is4 ? address : spellings(address);
    return template
      .replaceAll('@ID@', address.replaceAll(/[.:]/g, '_'))
      .replaceAll('@TEXT@', () => (is4 ? text.replaceAll('.', String.raw`\.`) : text))
      .replaceAll('@WIDE@', () =>
        text.replaceAll(/[0-9a-f:]/g, String.raw`$&\x00`).replaceAll('.', String.raw`\.\x00`),
      )
      .replaceAll('@HEX@', hexOf(address));
  });
  return `rule ip2process {\n  strings:${parts.join('')}  condition: any of them or true\n}\n`;
}

/** The text of `LET name = '''…'''` in the artifact. */
function templateOf(name: string): string {
  const vql = readArtifact('Custom.Linux.Memory.IPScan').sources[0]?.query ?? '';
  const found = new RegExp(`LET ${name} = '''([^]*?)'''`).exec(vql)?.[1];
  if (found === undefined) throw new Error(`the artifact has no ${name}`);
  return found;
}

function spellings(address: string): string {
  const groups = ipv6Groups(ipv6Octets(address) ?? new Uint8Array(16)).map((n) => n.toString(16));
  const padded = groups.map((group) => group.padStart(4, '0'));
  return `(${address}|${groups.join(':')}|${padded.join(':')})`;
}

const hexOf = (address: string): string =>
  [...(ipv4Octets(address) ?? ipv6Octets(address) ?? [])]
    .map((octet) => octet.toString(16).padStart(2, '0').toUpperCase())
    .join(' ');
