import type { StoredCase, StoredObservable } from '../thehive/store.ts';
import type { JobInput } from './job-folder.ts';

/** What Cortex stores of a worker whose optional settings nobody touched (R5): null, and [] for lists. */
const UNTOUCHED = {
  proxy_http: null,
  proxy_https: null,
  cacerts: null,
  jobTimeout: 30,
  check_tlp: true,
  max_tlp: 2,
  check_pap: true,
  max_pap: 2,
  thehive_organisation: null,
  results: null,
  image_tags: [],
  max_images: null,
  max_image_gigabytes: null,
  evidence_folder: null,
  image_url_hosts: [],
  cache_folder: null,
  cache_gigabytes: null,
  download_as_zip: null,
  zip_password: null,
  proxy_address: null,
  contexts: null,
  process_type: null,
  max_observables: null,
  velociraptor_api: null,
  velociraptor_api_password: null,
  velociraptor_org: null,
  live: null,
  live_minutes: null,
  velociraptor_acquire: null,
  threads: null,
};

export const configOf = (
  url: string,
  key: string,
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> => ({
  ...UNTOUCHED,
  thehive_url: url,
  thehive_apikey: key,
  ...changes,
});

/** A click on an observable, as TheHive renders it for Cortex ("v0"), with text beyond ASCII (R1). */
export const artifactInput = (
  { _id, dataType, data, tags, tlp, attachment }: StoredObservable,
  of: StoredCase | null,
  config: Readonly<Record<string, unknown>>,
  parameters: Readonly<Record<string, unknown>> = {},
): JobInput => ({
  dataType: 'thehive:case_artifact',
  data: {
    _id,
    id: _id,
    _type: 'case_artifact',
    createdBy: 'ana@example.org',
    createdAt: 1_767_225_600_000,
    dataType,
    ...(data === null ? {} : { data }),
    startDate: 1_767_225_600_000,
    tlp,
    tags,
    ioc: true,
    sighted: false,
    message: 'Ziel der Baken: „naïve“ 日本',
    reports: {},
    stats: {},
    ...(attachment
      ? {
          attachment: {
            name: attachment.name,
            hashes: [attachment.sha256],
            size: attachment.size,
            contentType: attachment.contentType,
            id: attachment.sha256,
          },
        }
      : {}),
    ...(of ? { case: caseData(of) } : {}),
  },
  tlp: Math.min(tlp, 3),
  pap: of?.pap ?? 2,
  parameters: { organisation: of?.organisation ?? 'SOC', user: 'ana@example.org', ...parameters },
  config,
});

export const caseInput = (
  of: StoredCase,
  config: Readonly<Record<string, unknown>>,
  parameters: Readonly<Record<string, unknown>> = {},
): JobInput => ({
  dataType: 'thehive:case',
  data: caseData(of),
  tlp: Math.min(of.tlp, 3),
  pap: of.pap,
  parameters: { organisation: of.organisation, user: 'ana@example.org', ...parameters },
  config,
});

const caseData = ({ _id, number, title, tags, tlp, pap }: StoredCase) => ({
  _id,
  id: _id,
  _type: 'case',
  caseId: number,
  createdBy: 'ana@example.org',
  updatedBy: null,
  createdAt: 1_767_220_000_000,
  updatedAt: null,
  title: `${title} – Büro`,
  description: 'text',
  severity: 2,
  startDate: 1_767_220_000_000,
  endDate: null,
  impactStatus: null,
  resolutionStatus: null,
  tags,
  flag: false,
  tlp,
  pap,
  status: 'Open',
  summary: null,
  owner: 'ana@example.org',
  customFields: { hostname: { string: 'WS-12', order: 0 } },
  stats: {},
  permissions: [],
});
