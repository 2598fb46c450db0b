/**
 * VMCOREINFO: lines of text in which a Linux kernel tells a crash dump reader where things are.
 *
 * `OSRELEASE=6.1.0` | `SYMBOL(name)=hex address` | `NUMBER(name)=decimal, may be negative` | `KERNELOFFSET=hex` | …
 *
 * Source: Linux, Documentation/admin-guide/kdump/vmcoreinfo.rst.
 */

/** Every kernel's fits in one page: the kernel itself keeps it in one. */
export const VMCOREINFO_BYTES = 4096;

export interface Vmcoreinfo {
  readonly release: string;
  /** Run-time address of a symbol; null where the kernel does not tell it. */
  symbol(name: string): bigint | null;
  number(name: string): bigint | null;
}

/** Null where the text is not a kernel's: it must name its release and at least one symbol. */
export function parseVmcoreinfo(text: string): Vmcoreinfo | null {
  const values = new Map<string, string>();
  for (const line of ownText(text).split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) values.set(line.slice(0, at), line.slice(at + 1).trim());
  }
  const release = values.get('OSRELEASE');
  const hasSymbol = [...values.keys()].some((key) => key.startsWith('SYMBOL('));
  if (release === undefined || release === '' || !hasSymbol) return null;
  return {
    release,
    symbol: (name) => whole(values.get(`SYMBOL(${name})`), /^[0-9a-f]{1,16}$/i, '0x'),
    number: (name) => whole(values.get(`NUMBER(${name})`), /^-?\d{1,20}$/, ''),
  };
}

/** Up to the first byte that no such text holds: what follows it in memory is something else. */
function ownText(text: string): string {
  const end = text.slice(0, VMCOREINFO_BYTES).search(/[^\n\x20-\x7e]/);
  return end < 0 ? text.slice(0, VMCOREINFO_BYTES) : text.slice(0, end);
}

function whole(text: string | undefined, form: RegExp, prefix: string): bigint | null {
  if (text === undefined || !form.test(text)) return null;
  return BigInt(prefix + text);
}
