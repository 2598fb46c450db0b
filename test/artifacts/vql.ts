/** Just enough of VQL to see which names a query uses: not a parser, and sure of nothing but names and brackets. */
export interface VqlNames {
  /** Calls `name(arg=…)`, with the line in which they begin. */
  readonly calls: readonly {
    readonly name: string;
    readonly args: readonly string[];
    readonly line: number;
  }[];
  /** Names that `LET` gives, with the parameters of those that are functions. */
  readonly defined: ReadonlyMap<string, readonly string[]>;
  /** Names that `AS`, the keys of dict() and the named groups of regular expressions give. */
  readonly columns: ReadonlySet<string>;
  /** Other names, wherever they come from. */
  readonly used: ReadonlySet<string>;
  /** First words of the statements in order. */
  readonly statements: readonly string[];
}

const KEYWORDS = new Set(
  'SELECT FROM WHERE GROUP BY ORDER LIMIT DESC LET AS AND OR NOT in TRUE FALSE NULL EXPLAIN'.split(
    ' ',
  ),
);

interface Token {
  readonly text: string;
  readonly kind: 'name' | 'string' | 'number' | 'sign';
  readonly line: number;
  /** Brackets open around it. */
  readonly depth: number;
}

/** @throws Error where a bracket has no partner, or something is no token */
export function namesOf(vql: string): VqlNames {
  const tokens = tokensOf(vql);
  const calls: { name: string; args: string[]; line: number }[] = [];
  const defined = new Map<string, readonly string[]>();
  const columns = new Set<string>();
  const used = new Set<string>();
  const statements: string[] = [];

  // Named groups of regular expressions become columns.
  for (const [, group = ''] of vql.matchAll(/\(\?P<(\w+)>/g)) columns.add(group);

  for (const [index, { text, kind, line, depth }] of tokens.entries()) {
    const before = tokens[index - 1]?.text;
    const after = tokens[index + 1]?.text;
    if (depth === 0 && (text === 'LET' || (text === 'SELECT' && !inLet(tokens, index)))) {
      statements.push(text);
    }
    if (kind !== 'name' || KEYWORDS.has(text)) continue;
    if (before === 'LET') defined.set(text, after === '(' ? parametersAt(tokens, index + 1) : []);
    else if (before === 'AS') columns.add(text);
    else if (after === '(') calls.push({ name: text, args: argumentsAt(tokens, index + 1), line });
    else if (after === '=' && (before === '(' || before === ',') && depth > 0) {
      if (callAround(tokens, index) === 'dict') columns.add(text);
    } else used.add(text);
  }
  return { calls, defined, columns, used, statements };
}

/** A SELECT behind `LET x = ` or `<= ` belongs to it. */
const inLet = (tokens: readonly Token[], index: number): boolean => {
  const before = tokens[index - 1]?.text;
  return before === '=' || before === '<=';
};

const parametersAt = (tokens: readonly Token[], open: number): string[] => {
  const close = tokens.findIndex(({ text }, index) => index > open && text === ')');
  return tokens
    .slice(open, close)
    .filter(({ kind }) => kind === 'name')
    .map(({ text }) => text);
};

function argumentsAt(tokens: readonly Token[], open: number): string[] {
  const inside = (tokens[open]?.depth ?? 0) + 1;
  const args: string[] = [];
  for (let index = open + 1; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (!token || token.depth < inside) break;
    const before = tokens[index - 1]?.text;
    const isFirst = index === open + 1 || (before === ',' && token.depth === inside);
    if (isFirst && token.kind === 'name' && tokens[index + 1]?.text === '=') args.push(token.text);
  }
  return args;
}

function callAround(tokens: readonly Token[], at: number): string | undefined {
  const depth = tokens[at]?.depth ?? 0;
  for (let index = at; index > 0; index -= 1) {
    const token = tokens[index];
    if (token?.text === '(' && token.depth === depth - 1) return tokens[index - 1]?.text;
  }
  return undefined;
}

const TOKEN =
  /\s+|--[^\n]*|(?<string>'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(?<number>\d+(?:\.\d+)?)|(?<name>[A-Za-z_]\w*|`[^`]+`)|(?<sign><=|>=|=~|!=|[-+*/=<>()[\]{},.:])/gy;
const PARTNER: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

function tokensOf(vql: string): Token[] {
  const tokens: Token[] = [];
  const open: string[] = [];
  let line = 1;
  for (let at = 0; at < vql.length;) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(vql);
    if (!match)
      throw new Error(`line ${line}: no VQL at ${JSON.stringify(vql.slice(at, at + 30))}`);
    at = TOKEN.lastIndex;
    const [text] = match;
    const kind = (['string', 'number', 'name', 'sign'] as const).find(
      (one) => match.groups?.[one] !== undefined,
    );
    const partner = kind === 'sign' ? PARTNER[text] : undefined;
    if (partner !== undefined && open.pop() !== partner) {
      throw new Error(`line ${line}: ${text} has no partner`);
    }
    if (kind) tokens.push({ text: text.replaceAll('`', ''), kind, line, depth: open.length });
    if (kind === 'sign' && '([{'.includes(text)) open.push(text);
    line += text.split('\n').length - 1;
  }
  if (open.length > 0) throw new Error(`${open.join(' ')} is never closed`);
  return tokens;
}
