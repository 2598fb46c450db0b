import type { Evidence } from '../src/case-run.ts';
import { Ip2ProcessError } from '../src/errors.ts';
import type { Settings } from './settings.ts';

export function evidenceOf(settings: Settings, _scratch: string): Evidence {
  return {
    find: async (_files, _about, observables, only) =>
      observables
        .filter(
          ({ id, tags }) =>
            tags.some((tag) => settings.image_tags.includes(tag)) && (only ?? id) === id,
        )
        .flatMap(({ id, attachment }) =>
          attachment
            ? [
                {
                  name: attachment.name,
                  host: null,
                  bytes: attachment.size,
                  sha256: attachment.sha256,
                  observable: id,
                  source: { kind: 'attachment' as const, attachment },
                },
              ]
            : [],
        ),
    fetch: async () => {
      throw new Ip2ProcessError('system', 'Cannot fetch images yet');
    },
  };
}
