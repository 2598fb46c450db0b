/** `npm run golden`: runs every golden case and tells what differs; `-- --update` writes the reports anew. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { printJson } from '../../src/report/print-json.ts';
import { goldenCases, goldenReport, runCase } from './golden-cases.ts';

const isUpdate = process.argv.includes('--update');
for (const name of goldenCases()) {
  const path = goldenReport(name);
  const text = printJson(await runCase(name));
  const isSame = existsSync(path) && readFileSync(path, 'utf8') === text;
  if (!isSame && isUpdate) writeFileSync(path, text);
  if (!isSame && !isUpdate) process.exitCode = 1;
  console.log(`${name}: ${isSame ? 'same' : isUpdate ? 'written; read the diff' : 'differs'}`);
}
