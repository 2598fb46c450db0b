/**
 * Tags by which our work is known in a case. Two shapes:
 *
 * - `ip2process` on what we created, `ip2process:analysed` on a case: say nothing of guilt;
 * - `ip2process:verdict=likely@web-1`, `ip2process:pid=299@web-1`: key, value, and what it is said of: on an indicator the
 *   host, on a process the indicator. A new run makes those of the same subject untrue, and no others.
 *
 * TheHive takes 128 characters; quotes and commas mean something to it.
 */

export const MADE_BY_US = 'ip2process';
export const ANALYSED = 'ip2process:analysed';

export type TagKey = 'verdict' | 'pid';

const LONGEST_SUBJECT = 80;

/** Whether a tag is one of ours: automatic runs leave alone what carries `ip2process` itself. */
export const isOwnTag = (tag: string): boolean =>
  tag === MADE_BY_US || tag.startsWith('ip2process:');

export const ownTag = (key: TagKey, value: string, subject: string): string =>
  `ip2process:${key}=${tagText(value, 20)}@${tagText(subject, LONGEST_SUBJECT)}`;

/** For `TagChange.isOutdated`: is said of one of the subjects that `tags` speak of, and is not among them. */
export function outdatedBy(tags: readonly string[]): (tag: string) => boolean {
  const subjects = new Set(tags.map(subjectOf));
  return (tag) => {
    const subject = subjectOf(tag);
    return subject !== null && subjects.has(subject) && !tags.includes(tag);
  };
}

const subjectOf = (tag: string): string | null =>
  /^ip2process:(?:verdict|pid)=[^@]*@(.*)$/.exec(tag)?.[1] ?? null;

/** Host names and indicators come from the image: only harmless characters of them go into a tag. */
export const tagText = (text: string, longest: number): string =>
  text.replace(/[^\w.:/[\]-]+/g, '_').slice(0, longest) || '_';
