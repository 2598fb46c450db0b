/**
 * The whole way without any server: a case with the address and the sample's memory image stands in a TheHive that is not
 * real, somebody clicks, the built responder runs as Cortex starts it, and the case is printed as it is then.
 *
 * npm run demo:case [-- 4]
 */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { click } from './cortex/click.ts';
import { configOf } from './cortex/inputs.ts';
import { fromRoot } from './from-root.ts';
import { TheHiveStandIn } from './thehive/server.ts';
import type { StoredObservable } from './thehive/store.ts';

const SAMPLE = 'test/samples/debian12-beacon/endpoint.lime.xz';

const version = process.argv[2] === '4' ? 4 : 5;
const hive = await new TheHiveStandIn({ version }).start();
try {
  const { store } = hive;
  const account = store.addAccount();
  const aCase = store.addCase({ title: 'Beaconing behind the web proxy', tags: [] });
  const ip = store.addObservable(aCase._id, { data: '35.178.122.152', tags: ['src:proxy-log'] });
  store.addFile(aCase._id, store.file('endpoint.lime.xz', readFileSync(fromRoot(SAMPLE))), {
    tags: ['memory-image', 'host:endpoint'],
  });
  print(`Case ${aCase.number} of TheHive ${version}, before`);
  for (const one of store.observablesOf(aCase._id)) printObservable(one);

  const done = await click({
    hive,
    case: aCase,
    observable: ip,
    config: configOf(hive.url, account.key),
  });
  const { report } = done;
  print(`Cortex: ${report.status}`);
  if (report.status === 'Success') {
    print(z.looseObject({ message: z.string() }).parse(report.full).message);
  }
  if (report.status === 'Failure') print(report.errorMessage);
  for (const fault of done.faults) print(`FAULT ${fault}`);

  print(`\nCase ${aCase.number}, after; tags: ${aCase.tags.join(', ')}`);
  for (const one of store.observablesOf(aCase._id)) printObservable(one);
  for (const { title, content } of store.pages.values()) print(`\nPage "${title}"\n\n${content}`);
  for (const { message, files } of store.logs.values()) {
    print(`\nLog, with ${files.map(({ name }) => name).join(', ') || 'no file'}\n\n${message}`);
  }
  process.exitCode = report.status === 'Success' && done.faults.length === 0 ? 0 : 1;
} finally {
  await hive.stop();
}

function printObservable({ dataType, data, attachment, tags }: StoredObservable): void {
  print(`  ${dataType.padEnd(9)} ${data ?? attachment?.name ?? ''}  [${tags.join(', ')}]`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
