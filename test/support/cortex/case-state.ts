import type { Store } from '../thehive/store.ts';

/**
 * What a case holds for people, without identifiers and in any order: two runs that end in the same have done the same.
 * Cancelled tasks are gone for people.
 */
export function caseState({ cases, observables, pages, tasks, logs }: Store): string[] {
  const shown = [...tasks.values()].filter(({ status }) => status !== 'Cancel');
  return [
    ...[...cases.values()].map(({ number, tags }) => `case ${number} ${sorted(tags)}`),
    ...[...observables.values()].map(
      ({ dataType, data, attachment, tags }) =>
        `${dataType} ${data ?? attachment?.name ?? ''} ${sorted(tags)}`,
    ),
    ...[...pages.values()].map(({ title }) => `page ${title}`),
    ...shown.map(({ title }) => `task ${title}`),
    ...[...logs.values()].map(
      ({ message, files }) => `log ${lastLine(message)} ${files.map(({ name }) => name).join()}`,
    ),
  ].toSorted();
}

const sorted = (tags: readonly string[]): string => tags.toSorted().join();

/** Which question it answers: times and figures differ from run to run. */
const lastLine = (message: string): string => message.trimEnd().split('\n').at(-1) ?? '';
