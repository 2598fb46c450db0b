import type { Connection } from '../../src/velociraptor/connection.ts';
import type { FleetClient } from '../../src/velociraptor/find-client.ts';
import type { Question } from './stand-in.ts';

export interface FakeConnection extends Connection {
  readonly questions: readonly Question[];
}

/** A connection whose answers a test gives, by a word of the query; the first that fits. */
export function fakeConnection(
  answers: readonly (readonly [
    word: string,
    answer:
      readonly unknown[] | ((env: Readonly<Record<string, string>>) => readonly unknown[] | Error),
    logs?: readonly string[],
  ])[],
): FakeConnection {
  const questions: Question[] = [];
  return {
    address: 'velo:8001',
    user: 'cortex',
    organisation: null,
    questions,
    async query(vql, env = {}) {
      questions.push({ vql, env, organisation: '' });
      const found = answers.find(([word]) => vql.includes(word));
      if (!found) throw new Error(`nobody expected ${vql}`);
      const [, answer, logs = []] = found;
      const rows = typeof answer === 'function' ? answer(env) : answer;
      if (rows instanceof Error) throw rows;
      return { rows, logs };
    },
    read: () => Promise.reject(new Error('nobody expected a read')),
    close: () => undefined,
  };
}

export const WIN: FleetClient = {
  id: 'C.1234567890abcdef',
  hostname: 'WS12',
  fqdn: 'ws12.corp.example',
  system: 'windows',
  lastSeen: new Date(),
  foundBy: 'host name',
};
