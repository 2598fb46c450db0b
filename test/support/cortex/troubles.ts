import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Fault } from '../thehive/faults.ts';
import type { StandInOptions } from '../thehive/server.ts';
import type { caseWithImage } from './case-with-image.ts';
import type { Click } from './click.ts';
import { fillDisk } from './full-disk.ts';

export type CaseWorld = Awaited<ReturnType<typeof caseWithImage>>;

/** A way to come to a text of docs/troubleshooting.md. */
export interface Trouble {
  /** As it stands there; "…" is any text. */
  readonly text: string;
  /** What it may be instead, where that is the machine's to decide. */
  readonly otherwise?: string;
  /** Changes the world, and says what is different about the click. `evidence` is a folder with the image. */
  readonly arrange: (
    world: CaseWorld,
    evidence: string,
  ) => Partial<Click> | Promise<Partial<Click>>;
  /** The answer is there all the same: the text is its message, or one of its warnings. */
  readonly isAnswered?: boolean;
  /** It comes so late that something was written. */
  readonly mayWrite?: boolean;
  /** The job is so wrong that Cortex has nothing but what was printed. */
  readonly isPrinted?: boolean;
  readonly needs?: 'namespaces' | 'openssl';
  /** Of the key; default: all. */
  readonly permissions?: readonly string[];
  readonly hive?: () => Omit<StandInOptions, 'version'>;
}

export const DOWNLOAD = /download$|datastore/;
export const WRITE = /^(POST|PATCH) (?!.*\/query)/;

/** Every request, or those that fit, meets it. */
export const always =
  (what: Fault['what'], when = /./) =>
  ({ hive }: CaseWorld): Partial<Click> => {
    hive.faults.add({ when, what });
    return {};
  };

export const status = (code: number, headers: Readonly<Record<string, string>> = {}) =>
  ({ kind: 'status', status: code, headers }) as const;

export const withSettings =
  (changes: Readonly<Record<string, unknown>>) =>
  ({ config }: CaseWorld): Partial<Click> => ({ config: { ...config, ...changes } });

/** The image is named by the text of an observable instead of being a file. */
export const byReference =
  (data: string, changes: Readonly<Record<string, unknown>> = {}) =>
  (world: CaseWorld): Partial<Click> => {
    world.store.observables.delete(world.file._id);
    world.store.addObservable(world.case._id, { dataType: 'other', data, tags: ['memory-image'] });
    return withSettings(changes)(world);
  };

/** Sends the signal in the middle of a download. */
export const interrupted =
  (signal: NodeJS.Signals) =>
  ({ hive }: CaseWorld): Partial<Click> => {
    hive.faults.add({ when: DOWNLOAD, what: { kind: 'body', after: 70_000, ending: 'silence' } });
    return {
      interrupt: async ({ kill }) => {
        while (!hive.requests.some(({ path }) => DOWNLOAD.test(path))) await wait(5);
        await wait(200);
        kill(signal);
      },
    };
  };

/** The job's output lies on a small disk of its own, and `fill` is another program that takes what is left of it. */
export function smallDisk(diskBytes: number): {
  readonly click: Partial<Click>;
  readonly fill: () => void;
} {
  let output = '';
  return {
    click: {
      runner: { kind: 'process', diskBytes },
      interrupt: ({ inside }) => {
        output = join(inside, 'output');
      },
    },
    fill: () => fillDisk(output),
  };
}
