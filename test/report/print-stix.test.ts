import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import * as z from 'zod';
import { printStix } from '../../src/report/print-stix.ts';
import type { Report } from '../../src/report/report.ts';
import { fromRoot } from '../support/requires.ts';
import { sampleProcess, sampleReport } from '../support/sample-report.ts';

const SCHEMAS = fromRoot('test/support/stix-2.1');
const OBJECT = z.looseObject({ type: z.string(), id: z.string() });
const BUNDLE = z.object({ type: z.literal('bundle'), id: z.string(), objects: z.array(OBJECT) });

/** OASIS' own schemas, each under its own identifier. */
const schemas = new Ajv2020({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats.default(schemas);
schemas.addFormat('idn-hostname', /^[^\s/]+$/u);
const byType = new Map<string, string>();
for (const folder of ['common', 'observables', 'sdos', 'sros']) {
  for (const file of readdirSync(join(SCHEMAS, folder))) {
    const schema = z
      .looseObject({ $id: z.string() })
      .parse(JSON.parse(readFileSync(join(SCHEMAS, folder, file), 'utf8')));
    schemas.addSchema(schema);
    byType.set(file.replace('.json', ''), schema.$id);
  }
}

const bundleOf = (report: Report) => BUNDLE.parse(JSON.parse(printStix(report)));

/** What OASIS' schemas say against a bundle and each of its objects. Its schema of bundles forgets that there are notes. */
function faults(bundle: z.infer<typeof BUNDLE>): string[] {
  const withoutNotes = { ...bundle, objects: bundle.objects.filter(({ type }) => type !== 'note') };
  return [withoutNotes, ...bundle.objects].flatMap((object) => {
    const validate = schemas.getSchema(byType.get(object.type) ?? '');
    if (!validate) return [`${object.type}: no such type`];
    return validate(object) === true
      ? []
      : (validate.errors ?? []).map(
          ({ instancePath, message }) => `${object.type}${instancePath}: ${message}`,
        );
  });
}

const FULL = sampleReport({
  indicators: [
    { kind: 'ipv4', text: '35.178.122.152', given: 'x', origin: 'given', hits: 2 },
    { kind: 'ipv6', text: '2001:db8::7', given: 'x', origin: 'given', hits: 1 },
    { kind: 'domain', text: 'evil.example', given: 'x', origin: 'pivot', hits: 1 },
    { kind: 'url', text: 'http://evil.example/a?b=c', given: 'x', origin: 'given', hits: 1 },
  ],
  processes: [
    sampleProcess(),
    sampleProcess({ pid: 7, path: null, commandLine: null, startTime: null, sockets: [] }),
    sampleProcess({
      pid: 8,
      path: String.raw`C:\Windows\System32\svchost.exe`,
      sockets: [
        {
          protocol: 'udp',
          local: { address: '::1', port: 53 },
          remote: { address: '2001:db8::7', port: 53 },
          state: null,
        },
      ],
    }),
    sampleProcess({ pid: 9, path: 'relative', commandLine: '' }),
  ],
});

describe('a STIX bundle', () => {
  test.each<[string, Report]>([
    ['of a whole report', FULL],
    ['of nothing found', sampleReport({ processes: [], hits: [] })],
    ['without a system, so without a time', sampleReport({ system: null, processes: [] })],
  ])('%s is valid by the schemas of OASIS', (_, report) => {
    expect(faults(bundleOf(report))).toEqual([]);
  });

  test('is refused by these schemas when it is broken: they do check', () => {
    const bundle = bundleOf(FULL);
    const broken = bundle.objects.map((object) => ({ ...object, pid: 'many', first_observed: 1 }));
    expect(faults({ ...bundle, objects: broken }).length).toBeGreaterThan(2);
  });

  test('refers only to objects that it holds, and holds each once', () => {
    const { objects } = bundleOf(FULL);
    const ids = objects.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const refs = objects.flatMap((object) =>
      Object.entries(object).flatMap(([name, value]) =>
        name.endsWith('_ref') || name.endsWith('_refs') ? [value].flat() : [],
      ),
    );
    expect(refs.length).toBeGreaterThan(10);
    expect(refs.filter((ref) => !ids.includes(String(ref)))).toEqual([]);
  });

  test('is the same for the same report, byte for byte', () => {
    expect(printStix(FULL)).toBe(printStix(structuredClone(FULL)));
  });

  test('says of each process what it holds, how sure, and what it was connected to', () => {
    const { objects } = bundleOf(sampleReport());
    const of = (type: string) => objects.filter((object) => object.type === type);
    expect(of('process')).toMatchObject([
      { pid: 299, command_line: '/usr/local/sbin/beacond -q', is_hidden: false },
    ]);
    expect(of('file')).toMatchObject([{ name: 'beacond' }]);
    expect(of('directory')).toMatchObject([{ path: '/usr/local/sbin' }]);
    expect(of('network-traffic')).toMatchObject([
      { src_port: 37_476, dst_port: 8080, protocols: ['ipv4', 'tcp'], is_active: true },
    ]);
    expect(of('observed-data')).toMatchObject([
      { confidence: 93, labels: ['ip2process:verdict=responsible'], number_observed: 2 },
    ]);
    expect(of('note')).toMatchObject([{ abstract: sampleReport().answer.headline }]);
  });

  test('holds indicators as they are, not defanged', () => {
    expect(printStix(sampleReport())).toContain('"value": "35.178.122.152"');
  });
});
