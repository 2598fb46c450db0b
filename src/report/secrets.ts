/** A stretch of a text that holds a secret; `end` is exclusive. */
export interface Secret {
  readonly start: number;
  readonly end: number;
  /** Named: something beside it says that it is one. Random: only its look does. */
  readonly kind: 'named' | 'random';
}

/** Words that name a secret. A part of a name is enough: `db_password`, `X-Auth-Token`, `PHPSESSID`. */
const NAMES =
  'pass|pwd|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|auth|credential|session|sess|sid|csrf|jwt|otp|signature';

/**
 * What is masked, by the group `secret`. Every quantifier is bounded: the text is the attacker's, and a name of a million
 * letters must not cost a million squared.
 */
const RULES: readonly { readonly kind: Secret['kind']; readonly regex: RegExp }[] = [
  // RFC 9110, 11.6; RFC 6265: the whole line. `Cookie` holds the name of none of its values.
  named(String.raw`(?:authorization|cookie2?)[ \t]{0,8}:[ \t]{0,8}(?<secret>[^\r\n\0]{1,8192})`),
  named(
    String.raw`(?<![\w-])x-[\w-]{0,40}(?:${NAMES}|key)[\w-]{0,40}[ \t]{0,8}:[ \t]{0,8}(?<secret>[^\r\n\0]{1,8192})`,
  ),
  named(
    String.raw`(?<![\w-])(?:bearer|basic|digest|negotiate|ntlm)[ \t]{1,8}(?<secret>[\w+/=.~-]{4,8192})`,
  ),
  // RFC 3986, 3.2.1. A password may hold an @ that should have been escaped: up to the last one before the path.
  named(String.raw`://(?<secret>[^\s/?#\0"'<>]{1,512})@`),
  // Parameters, settings, JSON: the value in quotes, or up to where one ends.
  named(
    String.raw`(?:${NAMES})[\w.-]{0,40}["']?[ \t]{0,8}(?:=|:)[ \t]{0,8}(?:"(?<secret>[^"\r\n\0]{1,8192})|'(?<single>[^'\r\n\0]{1,8192})|(?<bare>[^\s"'&;,<>\0]{1,8192}))`,
  ),
  // Cookie pairs whose header lies before what can be seen.
  named(String.raw`;[ ]?[\w.-]{1,64}=(?<secret>[^;\s\0]{1,4096})`),
  named(String.raw`(?<![\w.-])[\w.-]{1,64}=(?<secret>[^;&\s\0]{1,4096});`),
  named(String.raw`-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----(?<secret>[^-]{1,16384})`),
  named(String.raw`(?<secret>eyJ[\w-]{8,4096}\.[\w-]{2,8192}(?:\.[\w-]{0,4096})?)`),
  named(
    String.raw`(?<![A-Za-z0-9])(?<secret>(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_\w{20,255}|xox[abprs]-[\w-]{10,255}|sk-[\w-]{16,255}|glpat-[\w-]{16,255})`,
    'g',
  ),
  { kind: 'random', regex: /(?<secret>(?<![0-9a-f])[0-9a-f]{32,})/gi },
  {
    // Base64 and its kin; small and capital letters and digits together are no word and hardly a path.
    kind: 'random',
    regex: /(?<secret>(?<![\w+/-])[\w+/-]{24,}={0,2})/g,
  },
];

/** Of command lines: what options carry. `-p 22` is a port; a password of digits only is not told from one. */
const ARGUMENTS: typeof RULES = [
  named(
    String.raw`(?<!\S)--?[\w-]{0,40}(?:${NAMES})[\w-]{0,40}(?:[ \t]{1,8}|=)(?<secret>[^\s]{1,8192})`,
  ),
  named(
    String.raw`(?<!\S)(?:-u|-U|--user|--proxy-user)(?:[ \t]{1,8}|=)?(?<secret>[^\s:]{0,256}:[^\s]{1,8192})`,
    'g',
  ),
  named(String.raw`(?<!\S)-p[ \t]{0,8}(?!\d{1,5}(?:\s|$))(?<secret>[^\s]{1,8192})`, 'g'),
];

/** Where secrets stand in text from memory, or in a command line; they may overlap. */
export function secretsIn(text: string, isCommandLine: boolean): Secret[] {
  return [...RULES, ...(isCommandLine ? ARGUMENTS : [])].flatMap(({ kind, regex }) =>
    [...text.matchAll(regex)].flatMap((match) => {
      const { secret, single, bare } = match.groups ?? {};
      const value = secret ?? single ?? bare ?? '';
      if (value === '' || (kind === 'random' && !isRandom(value))) return [];
      const start = match.index + match[0].lastIndexOf(value);
      return [{ start, end: start + value.length, kind }];
    }),
  );
}

const isRandom = (text: string): boolean =>
  /^[0-9a-f]+$/i.test(text) || (/[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text));

function named(source: string, flags = 'gi'): { kind: 'named'; regex: RegExp } {
  return { kind: 'named', regex: new RegExp(source, flags) };
}
