import { openCache } from '../src/evidence/cache.ts';
import type { CaseRequest } from '../src/case/case-run.ts';
import type { Connection } from '../src/thehive/thehive.ts';
import type { Connection as Velociraptor } from '../src/velociraptor/connection.ts';
import { uploadSource } from '../src/velociraptor/uploads.ts';
import { proxyFor } from './connection.ts';
import type { Settings } from './settings.ts';

const GIGABYTE = 2 ** 30;

/**
 * Where the job may take images from, by its settings.
 *
 * @param scratch folder for what is downloaded: under Docker and Kubernetes the only one of the job that can be written
 */
export async function evidenceOf(
  settings: Settings,
  scratch: string,
  { authorities }: Connection,
  velociraptor: Velociraptor | null,
): Promise<Pick<CaseRequest, 'find' | 'places' | 'fetch'>> {
  const { cache_folder: folder, cache_gigabytes: gigabytes } = settings;
  const cache =
    folder === null || gigabytes === 0
      ? null
      : await openCache(folder, { largestBytes: gigabytes * GIGABYTE });
  return {
    find: { tags: settings.image_tags, limit: settings.max_images },
    places: {
      folder: settings.evidence_folder,
      urls:
        settings.image_url_hosts.length === 0
          ? null
          : {
              hosts: settings.image_url_hosts,
              proxy: proxyFor('https:', settings),
              ...(authorities ? { authorities } : {}),
            },
      uploads: velociraptor && uploadSource(velociraptor),
    },
    fetch: {
      form: settings.download_as_zip ? 'zip' : 'plain',
      ...(settings.zip_password ? { password: settings.zip_password } : {}),
      scratch,
      cache,
      largestBytes: settings.max_image_gigabytes * GIGABYTE,
    },
  };
}
