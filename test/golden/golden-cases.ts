import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { parseIndicators } from '../../src/indicator/parse-indicator.ts';
import { ip2process } from '../../src/run/ip2process.ts';
import type { Report } from '../../src/report/report.ts';
import { fromRoot } from '../support/from-root.ts';

const requestSchema = z.strictObject({
  indicators: z.array(z.string()).min(1),
  /** From the root of the repository. */
  image: z.string(),
  proxy: z.strictObject({ address: z.string(), port: z.number() }).optional(),
});

const FOLDER = fromRoot('test/golden');

/** Names of the folders that hold a request. */
export const goldenCases = (): string[] =>
  readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

export const goldenReport = (name: string): string => join(FOLDER, name, 'report.json');

/** Runs a case; what differs between machines and days (times, versions, paths) is left out. */
export async function runCase(name: string): Promise<Report> {
  const json: unknown = JSON.parse(readFileSync(join(FOLDER, name, 'request.json'), 'utf8'));
  const { indicators, image, proxy } = requestSchema.parse(json);
  const report = await ip2process({
    indicators: parseIndicators(indicators),
    image: fromRoot(image),
    proxy: proxy ? { ...proxy, source: 'given' } : null,
    toolVersion: 'golden',
    threads: 1,
  });
  return {
    ...report,
    image: report.image && { ...report.image, path: image },
    timings: {},
    nextActions: [],
  };
}
