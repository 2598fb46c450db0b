/** Names of settings whose value nobody should see, as cortexutils has them, and TheHive's. */
const SECRET_NAME = /key|password|passwd|pwd|secret|token/i;
/** The default password of TheHive's zips is in every manual; hiding it would hide the word. */
const PUBLIC = new Set(['malware']);
/** Shorter texts stand everywhere by chance. */
const SHORTEST = 4;

/** What of a configuration must never be shown: values by their setting's name, and passwords inside URLs, in every spelling. */
export function secretsOf(config: unknown): Set<string> {
  const secrets = new Set<string>();
  collect(config, false, 0);
  return secrets;

  function collect(value: unknown, isSecret: boolean, depth: number): void {
    if (typeof value === 'string') {
      for (const secret of isSecret ? [value, value.trim()] : secretsIn(value)) add(secret);
    } else if (typeof value === 'object' && value !== null && depth < 8) {
      for (const [name, inner] of Object.entries(value)) {
        collect(inner, isSecret || SECRET_NAME.test(name), depth + 1);
      }
    }
  }

  function add(secret: string): void {
    if (secret.length < SHORTEST || PUBLIC.has(secret)) return;
    secrets.add(secret).add(encodeURIComponent(secret));
  }
}

/** What a text holds, whatever it is called: private keys, and passwords of URLs. */
export const secretsIn = (text: string): string[] => [...passwordsIn(text), ...keysIn(text)];

/** Private keys in PEM, or the whole text where it is one in base64: as they stand, and line by line. */
function keysIn(text: string): string[] {
  const plain = /^[A-Za-z0-9+/=\s]{1000,}$/.test(text)
    ? Buffer.from(text, 'base64').toString('utf8')
    : text;
  const blocks =
    plain
      .slice(0, LONGEST_KEYS)
      .match(/-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[^-]{1,16384}-----END/g) ?? [];
  if (blocks.length === 0) return [];
  const lines = blocks.flatMap((block) =>
    block.split(/\s+/).filter((line) => /^[A-Za-z0-9+/=]{12,}$/.test(line)),
  );
  return [text, text.trim(), ...blocks, ...lines];
}

/** Far more than an API file. */
const LONGEST_KEYS = 512 * 1024;

/** "http://user:password@proxy": also where it is no whole URL. */
function passwordsIn(text: string): string[] {
  return [...text.slice(0, 65_536).matchAll(/\/\/[^/\s:@]*:([^/\s@]+)@/g)].flatMap(
    ([, password = '']) => [password, decoded(password)],
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
