import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { carrierOf } from '../../src/attribute/carriers.ts';
import { PLACES, POINTS, THRESHOLDS } from '../../src/attribute/weights.ts';
import { VERDICTS } from '../../src/attribute/verdict.ts';
import { FORMS } from '../../src/indicator/forms.ts';
import { fromRoot } from '../support/from-root.ts';
import { artifactNames, artifactText, queriesOf, readArtifact } from './artifact-format.ts';
import { namesOf } from './vql.ts';

const reference = z
  .object({
    calls: z.record(
      z.string(),
      z.object({
        args: z.union([z.array(z.string()), z.literal('any')]),
        seen: z.enum(['code', 'doc', 'unverified']),
      }),
    ),
    columns: z.record(z.string(), z.array(z.string())),
  })
  .parse(JSON.parse(readFileSync(fromRoot('test/artifacts/vql-reference.json'), 'utf8')));
const knownColumns = new Set(Object.values(reference.columns).flat());

const LINUX = 'Custom.Linux.Memory.IPScan';
const WINDOWS = 'Custom.Windows.Memory.IPScan';

describe.each(artifactNames)('%s', (name) => {
  test('is what Velociraptor reads, under its own name and size', () => {
    const artifact = readArtifact(name);
    expect(artifact.name).toBe(name);
    // `artifacts verify` complains above this.
    expect(artifactText(name).length).toBeLessThan(100_000);
    expect(artifact.description).toContain('Not yet run on a real Velociraptor');
  });

  test('names its parameters and choices rightly', () => {
    for (const { type, default: value, choices } of readArtifact(name).parameters) {
      if (type === 'int') expect(value).toMatch(/^\d+$/);
      if (type === 'bool') expect(value).toMatch(/^[YN]$/);
      if (type === 'choices') expect(choices).toContain(value);
    }
  });

  test('calls what exists, with arguments that exist', () => {
    const queries = queriesOf(readArtifact(name)).map(([place, vql]) => ({
      place,
      ...namesOf(vql),
    }));
    const own = new Map(queries.flatMap(({ defined }) => [...defined]));
    const wrong = queries.flatMap(({ place, calls }) =>
      calls.flatMap(({ name: callee, args, line }) => {
        const allowed = own.get(callee) ?? reference.calls[callee]?.args;
        if (allowed === undefined) return `${place}, line ${line}: no ${callee}()`;
        return allowed === 'any'
          ? []
          : args
              .filter((arg) => !allowed.includes(arg))
              .map((arg) => `${place}, line ${line}: ${callee}() has no ${arg}`);
      }),
    );
    expect(wrong).toEqual([]);
  });

  test('gives its own functions every argument', () => {
    const queries = queriesOf(readArtifact(name)).map(([, vql]) => namesOf(vql));
    const own = new Map(queries.flatMap(({ defined }) => [...defined]));
    const wrong = queries.flatMap(({ calls }) =>
      calls.flatMap(({ name: callee, args, line }) =>
        (own.get(callee) ?? [])
          .filter((parameter) => !args.includes(parameter))
          .map((parameter) => `line ${line}: ${callee}() without ${parameter}`),
      ),
    );
    expect(wrong).toEqual([]);
  });

  test('uses no name that nothing gives', () => {
    const artifact = readArtifact(name);
    const queries = queriesOf(artifact).map(([, vql]) => namesOf(vql));
    const given = new Set([
      ...artifact.parameters.map((parameter) => parameter.name),
      ...queries.flatMap(({ defined }) => [...defined].flatMap(([key, args]) => [key, ...args])),
      ...queries.flatMap(({ columns }) => [...columns]),
      ...knownColumns,
      // Columns of the scan artifacts, which the others read.
      ...(name.endsWith('IPScan') ? [] : columnsOf(LINUX)),
    ]);
    const unknown = queries.flatMap(({ used }) => [...used].filter((one) => !given.has(one)));
    expect(unknown).toEqual([]);
  });

  test('limits rows by numbers only, as the grammar wants', () => {
    for (const [, vql] of queriesOf(readArtifact(name))) {
      expect(
        [...vql.matchAll(/LIMIT (\S+)/g)].filter(([, limit = '']) => !/^\d+$/.test(limit)),
      ).toEqual([]);
    }
  });

  test('asks in every source by LETs and one SELECT at the end', () => {
    for (const { query } of readArtifact(name).sources) {
      if (query === undefined) continue;
      const { statements } = namesOf(query);
      expect(statements.slice(0, -1).every((word) => word === 'LET')).toBe(true);
      expect(statements.at(-1)).toBe('SELECT');
    }
  });
});

function columnsOf(name: string): string[] {
  return readArtifact(name).sources.flatMap(({ query = '' }) => [...namesOf(query).columns]);
}

const MARK = '-- COMMON BEGIN';
const commonPart = (vql: string): string => vql.slice(vql.indexOf(MARK));
const ownNames = (vql: string): string[] => [
  ...namesOf(vql.slice(0, vql.indexOf(MARK))).defined.keys(),
];
const points = (kind: keyof typeof POINTS): number => POINTS[kind].points;

describe('the two scans', () => {
  const linux = readArtifact(LINUX);
  const windows = readArtifact(WINDOWS);
  const vqlOf = (artifact: typeof linux): string => artifact.sources[0]?.query ?? '';

  test('have the same parameters, limits, column types and sources', () => {
    expect(windows.parameters).toEqual(linux.parameters);
    expect(windows.resources).toEqual(linux.resources);
    expect(windows.column_types).toEqual(linux.column_types);
    expect(linux.sources.map(({ name }) => name)).toEqual(['Summary', 'Hits', 'Coverage']);
    expect(windows.sources.slice(1)).toEqual(linux.sources.slice(1));
  });

  test('ask by the same query but for the marked part', () => {
    expect(commonPart(vqlOf(windows))).toBe(commonPart(vqlOf(linux)));
    expect(commonPart(vqlOf(linux)).length).toBeGreaterThan(10_000);
    // What differs gives the same names on both, or the common part would miss one.
    const helpers = new Set(['PageOf', 'FirstOf', 'LengthOf', 'MapsOf']);
    expect(ownNames(vqlOf(linux)).filter((name) => !helpers.has(name))).toEqual(
      ownNames(vqlOf(windows)),
    );
  });

  test('need no permission but to collect', () => {
    expect(linux.required_permissions).toBeUndefined();
    expect(windows.required_permissions).toBeUndefined();
  });

  test('use the verdicts of the image report', () => {
    const vql = linux.sources.map(({ query }) => query).join('\n');
    const words = [...vql.matchAll(/(?:then|else)="([a-z]+(?:-[a-z]+)?)"/g)].map(
      ([, word]) => word,
    );
    const spoken = VERDICTS.filter((word) => vql.includes(`"${word}"`));
    expect(spoken).toEqual(VERDICTS.filter((word) => word !== 'no-owner'));
    expect(words).not.toContain('strong');
  });

  test('weigh by the points of the image report', () => {
    const vql = vqlOf(linux);
    expect(vql).toContain(
      `(${points('socket-to-indicator')} * HasDirect + ${points('socket-to-proxy')} * HasProxy)`,
    );
    expect(vql).toContain(
      `(${points('request-text')} * HasRequest + ${points('command-line')} * HasCommand + ${points('holding')} * Units / (Units + 1.0) + ${points('several-forms')} * HasForms)`,
    );
    expect(vql).toContain(`Score >= ${THRESHOLDS.responsible}, then="responsible"`);
    expect(vql).toContain(`Score >= ${THRESHOLDS.likely}, then="likely"`);
    expect(vql).toContain(
      `private=${10 * PLACES.anonymous.factor}, image=${10 * PLACES.image.factor}, file=${10 * PLACES.file.factor}, \`shared-memory\`=${10 * PLACES['shared-memory'].factor}, special=${10 * PLACES.special.factor}`,
    );
  });

  test('call the forms by the names of the image report', () => {
    const names = /LET FormNames = dict\(([^)]*)\)/.exec(vqlOf(linux))?.[1] ?? '';
    const forms = [...names.matchAll(/="([^"]+)"/g)].map(([, form]) => form);
    expect(forms.length).toBeGreaterThanOrEqual(9);
    expect(forms.filter((form) => !Object.keys(FORMS).includes(form ?? ''))).toEqual([]);
  });

  test('know the same carriers as the image report', () => {
    const rows = [
      ...vqlOf(linux).matchAll(/dict\(Kind="([^"]+)", Share=([\d.]+), Programs='''([^']+)'''/g),
    ];
    expect(rows.length).toBe(7);
    for (const [, kind, share, programs = ''] of rows) {
      const names = programs
        .slice(2, -2)
        .split('|')
        .filter((name) => !name.startsWith('svchost'));
      expect(names.length).toBeGreaterThan(3);
      for (const name of names) {
        const carrier = carrierOf({ path: `/usr/bin/${name}`, commandLine: null });
        expect([name, carrier?.kind, carrier?.factor]).toEqual([name, kind, Number(share)]);
      }
    }
  });
});

describe('the acquisitions', () => {
  const names = artifactNames.filter((name) => name.includes('Acquire'));

  test.each(names)(
    '%s is never given the address, and has limits that an image fits in',
    (name) => {
      const { parameters, resources } = readArtifact(name);
      expect(parameters.filter((one) => /ip|address|indicator/i.test(one.name))).toEqual([]);
      expect(resources?.timeout).toBeGreaterThanOrEqual(4 * 3600);
      expect(resources?.max_upload_bytes).toBe(256 * 2 ** 30);
      expect(resources?.cpu_limit).toBeUndefined();
    },
  );
});

test.each<[string, string]>([
  ['SELECT A FROM f(a=(1)', '( is never closed'],
  ['SELECT A] FROM f()', '] has no partner'],
  ['SELECT A ; B', 'no VQL at'],
])('the reader of VQL refuses %s', (vql, why) => {
  expect(() => namesOf(vql)).toThrow(why);
});

test('the reader of VQL finds calls, arguments and names', () => {
  const names = namesOf(`LET F(x) = x + 1 -- ) in a comment
    SELECT F(x=2) AS A, g(b=')', c={ SELECT D FROM h(e=E) }) FROM i() WHERE A`);
  expect(names.calls.map(({ name, args }) => [name, args])).toEqual([
    ['F', ['x']],
    ['g', ['b', 'c']],
    ['h', ['e']],
    ['i', []],
  ]);
  expect([...names.used].toSorted()).toEqual(['A', 'D', 'E', 'x']);
  expect(names.statements).toEqual(['LET', 'SELECT']);
});

describe('the documentation', () => {
  // Without what aligns its tables.
  const page = readFileSync(fromRoot('docs/velociraptor.md'), 'utf8').replaceAll(/ +/g, ' ');
  const scan = readArtifact(LINUX);

  test('explains every parameter of the scans with its default', () => {
    for (const { name, default: value = '' } of scan.parameters) {
      const shown = page.split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? '';
      expect([name, shown]).toEqual([name, expect.stringMatching(/^\| `\w+` \| \S.* \| \S.{10,}/)]);
      if (/^[\w.]+$/.test(value)) expect(shown.replaceAll('`', '')).toContain(`| ${value} |`);
    }
  });

  test.each<[source: number, plain: readonly string[]]>([
    [0, ['IP', 'Pid', 'ProxyConns', 'DirectConns']],
    [1, ['Pid', 'IP', 'Kind', 'Form', 'Address', 'Region', 'Place', 'Context', 'ContextHex']],
    [2, ['Processes', 'Scanned', 'Partial', 'NoAccess', 'Timeout', 'Exited', 'Skipped', 'CaseId']],
  ])('explains every column of source %d', (index, plain) => {
    const query = `\n${scan.sources[index]?.query ?? ''}`;
    const { columns, used } = namesOf(query.slice(query.lastIndexOf('\nSELECT')));
    expect(plain.filter((name) => !used.has(name) && !columns.has(name))).toEqual([]);
    expect([...columns, ...plain].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    expect(columns.size).toBeGreaterThan(0);
  });
});
