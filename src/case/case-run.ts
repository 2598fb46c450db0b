import { answeredIn } from './answered.ts';
import { type Machines, machinesOf, refuseMany } from './machines.ts';
import {
  indicatorOf,
  indicatorsOf,
  isOurs,
  refuseRole,
  roleOf,
  type CaseIndicators,
} from './indicators.ts';
import { notPosted, postedAs, type Posted } from './posting.ts';
import { eitherOf, withinLimit, type Endings } from './time-limit.ts';
import { Ip2ProcessError } from '../errors.ts';
import type { FetchedImage, ImageCandidate } from '../evidence/evidence.ts';
import { fetchImage, type EvidencePlaces, type FetchOptions } from '../evidence/fetch-image.ts';
import { findImages, IMAGE_TAGS, type FindRules } from '../evidence/find-images.ts';
import { ip2process } from '../run/ip2process.ts';
import type { Request } from '../run/request.ts';
import { liveRun } from '../run/live-run.ts';
import type { Report } from '../report/report.ts';
import { caseFiles } from '../thehive/case-files.ts';
import { caseOfObservable } from '../thehive/cases.ts';
import { getObservable } from '../thehive/observables.ts';
import { questionKey } from '../thehive/plan.ts';
import type { PostingContext, PostingLimits } from '../thehive/posting.ts';
import type { Session } from '../thehive/session.ts';
import type { Case, Id, Observable } from '../thehive/thehive.ts';

/** What is asked about a case. */
export interface CaseRequest {
  readonly session: Session;
  /** "~24680", or "57" as people say it; null: the case of the observable. */
  readonly caseId: string | null;
  /** The observable that was clicked: an indicator, or a memory image; null: the whole case. */
  readonly observableId: Id | null;
  /** What counts as a memory image, and how many may be. */
  readonly find: FindRules;
  /** Where images may come from beside TheHive, and where they go meanwhile. */
  readonly places: Omit<EvidencePlaces, 'attachments'>;
  readonly fetch: Omit<FetchOptions, 'signal'>;
  /** Nobody clicked: what makes no work is no failure, and observables of our own making are no questions. */
  readonly isAutomatic: boolean;
  /** Answer once more what the case holds an answer to. */
  readonly again: boolean;
  /** How to write to the case: see `postedAs`. */
  readonly results: 'auto' | 'operations' | 'rest';
  readonly limits?: PostingLimits;
  readonly analysis: Omit<Request, 'indicators' | 'image'>;
  /** Asked for the machines of the images, and where there is no image; null or absent: nobody is. */
  readonly machines?: Machines | null;
}

export interface CaseRunOptions extends Endings {
  readonly onProgress?: (phase: string, done: number, total: number) => void;
  /** The analysis of one image; another one only in tests. */
  readonly analyse?: typeof ip2process;
}

/** What became of one image, or of a running machine without one. */
export interface ImageOutcome {
  readonly candidate: Pick<ImageCandidate, 'name' | 'host' | 'sha256'>;
  readonly result:
    | {
        readonly kind: 'answered';
        readonly report: Report;
        /** Of the way the image came. */
        readonly notes: readonly string[];
        readonly posted: Posted;
      }
    | { readonly kind: 'answered-before'; readonly title: string }
    | { readonly kind: 'failed'; readonly error: Ip2ProcessError };
}

export interface CaseOutcome {
  readonly case: Case;
  readonly indicators: CaseIndicators['indicators'];
  readonly images: readonly ImageOutcome[];
  /** Why there was nothing to do; null where there was. */
  readonly idle: string | null;
  readonly warnings: readonly string[];
}

/**
 * A whole case: all its indicators (or the one that was clicked) are looked for in each of its memory images, in one scan
 * of each, and each report is posted as soon as it is there. One image that fails does not keep the others from an answer.
 *
 * @throws Ip2ProcessError where no image can be looked at, or TheHive cannot be asked
 */
export async function caseRun(
  request: CaseRequest,
  options: CaseRunOptions = {},
): Promise<CaseOutcome> {
  const { session, isAutomatic } = request;
  const ending = eitherOf(options);
  const imageTags = request.find.tags ?? IMAGE_TAGS;
  const files = caseFiles(session);
  const clicked = request.observableId ? await getObservable(session, request.observableId) : null;
  const role = clicked ? roleOf(clicked, imageTags) : null;
  const about = request.caseId
    ? await files.getCase(request.caseId)
    : await caseOfObservable(session, request.observableId ?? '');
  if (isAutomatic && clicked && isOurs(clicked)) {
    return idle('this observable was added by ip2process itself');
  }
  if (clicked && !role) {
    if (isAutomatic) return idle(`an observable of type "${clicked.dataType}" is no indicator`);
    refuseRole(clicked.dataType, imageTags);
  }

  const observables = await files.observables(about.id);
  // Where nobody clicked, a value that is no indicator is no failure.
  const asked =
    clicked && role === 'indicator' && !isAutomatic
      ? indicatorOf(clicked)
      : indicatorsOf(clicked && role === 'indicator' ? [clicked] : observables, imageTags);
  if (asked.indicators.length === 0) {
    return nothing('no observable of type ip, domain, fqdn, hostname or url to look for');
  }
  const candidates = await imagesAmong(observables);
  const hosts = request.machines ? machinesOf(about, observables, clicked) : [];
  if (candidates instanceof Ip2ProcessError) {
    if (hosts.length === 0 && isAutomatic) return idle('it has no memory image');
    if (hosts.length === 0 || role === 'image') throw candidates;
    refuseMany(hosts);
  }

  const images: ImageOutcome[] = [];
  if (candidates instanceof Ip2ProcessError) {
    for (const host of hosts) images.push(await lookAlive(host));
  } else {
    for (const candidate of candidates) {
      images.push({ candidate, result: await resultOf(() => look(candidate)) });
    }
  }
  return {
    case: about,
    indicators: asked.indicators,
    images,
    idle: null,
    warnings: asked.warnings,
  };

  /** An error: there is none, which it explains. */
  async function imagesAmong(
    all: readonly Observable[],
  ): Promise<readonly ImageCandidate[] | Ip2ProcessError> {
    const attachments = await files.attachments(about.id);
    try {
      return findImages({ observables: all, attachments, clicked }, request.find);
    } catch (error) {
      if (error instanceof Ip2ProcessError && error.place['images'] === undefined) return error;
      throw error;
    }
  }

  async function resultOf(
    run: () => Promise<ImageOutcome['result']>,
  ): Promise<ImageOutcome['result']> {
    try {
      return await withinLimit(run, options);
    } catch (error) {
      if (!(error instanceof Ip2ProcessError) || error.kind === 'cancelled') throw error;
      return { kind: 'failed', error };
    }
  }

  /** A machine without an image: it gives one, where that is allowed, and is asked after that. */
  async function lookAlive(host: string): Promise<ImageOutcome> {
    const { collect = null } = request.machines ?? {};
    const alive = { name: `live ${host}`, host, sha256: null };
    let candidate: ImageCandidate | null = null;
    const result = await resultOf(async () => {
      candidate = collect ? await collect({ machine: host, caseId: about.id }) : null;
      return candidate ? look(candidate) : answered(alive, null, host, []);
    });
    return { candidate: candidate ?? alive, result };
  }

  async function look(candidate: ImageCandidate): Promise<ImageOutcome['result']> {
    const known = candidate.sha256 ? await earlier(candidate, candidate.sha256) : null;
    if (known) return known;
    const host = request.machines ? (candidate.host ?? onlyOf(hosts)) : null;
    const image = await fetchImage(
      candidate,
      { ...request.places, attachments: files },
      { ...request.fetch, ...ending },
    ).catch((error: unknown) => {
      // The machine may answer all the same.
      if (host === null || !(error instanceof Ip2ProcessError)) throw error;
      return error;
    });
    if (image instanceof Ip2ProcessError) {
      return answered(candidate, () => Promise.reject(image), host, []);
    }
    // Awaited further down; until then its failure is no unhandled one.
    image.source.complete.catch(() => undefined);
    try {
      // Not known before it came, so the scan waits: most images of this kind are on our own disk.
      const late = candidate.sha256 === null ? (await image.source.complete).sha256 : null;
      const again = late === null ? null : await earlier(candidate, late);
      if (again) return again;
      const read = async (): Promise<Report> => {
        const report = await (options.analyse ?? ip2process)(
          { ...request.analysis, indicators: asked.indicators, ...sourceOf(image) },
          { ...options, ...ending },
        );
        // Scanned while it came; told only now that size and hash are as they should be.
        await image.source.complete;
        return report;
      };
      const sha256 = candidate.sha256 ?? late;
      return await answered({ ...candidate, sha256 }, read, host, image.notes);
    } finally {
      await image.release();
    }
  }

  /** @param read the image's report; null: there is no image */
  async function answered(
    candidate: Pick<ImageCandidate, 'name' | 'host' | 'sha256'> & Partial<ImageCandidate>,
    read: (() => Promise<Report>) | null,
    host: string | null,
    notes: readonly string[],
  ): Promise<ImageOutcome['result']> {
    const report = await reportOf(read, host);
    const name = `live ${host ?? ''} ${report.live?.provenance.flow ?? ''}`.trim();
    const post = async (): Promise<ImageOutcome['result']> => {
      // By its flow, so that a later one is another answer.
      const again = report.image ? null : await earlier({ name }, null);
      if (again) return again;
      const image = report.image ? candidate : { name, host, sha256: null };
      const context = contextOf(image, image.sha256);
      const posted = await postedAs(request.results, session, report, context);
      return { kind: 'answered', report, notes, posted };
    };
    return withinLimit(post, options).catch((error: unknown) => {
      return { kind: 'answered', report, notes, posted: notPosted(error) };
    });
  }

  async function reportOf(
    read: (() => Promise<Report>) | null,
    host: string | null,
  ): Promise<Report> {
    const { machines } = request;
    if (!machines || host === null) {
      if (!read) throw new Error('neither an image nor a machine to look at');
      return read();
    }
    const { indicators } = asked;
    const { proxy = null, contexts = 'full', toolVersion } = request.analysis;
    const question = { machine: host, indicators, proxy, caseId: about.id };
    // Where the limit ends one of both, the other's answer stays.
    const image = read && (() => withinLimit(read, options));
    const live = () => withinLimit(() => machines.ask(question), options);
    return liveRun(image, live, { indicators, proxy, contexts, toolVersion });
  }

  async function earlier(
    { name }: Pick<ImageCandidate, 'name'>,
    sha256: string | null,
  ): Promise<ImageOutcome['result'] | null> {
    if (request.again) return null;
    const question = { indicators: asked.indicators, image: { fileBytes: 0 } };
    const title = await answeredIn(session, about.id, questionKey(question, { name, sha256 }));
    return title === null ? null : { kind: 'answered-before', title };
  }

  function contextOf(
    { name, source }: Pick<ImageCandidate, 'name'> & Partial<ImageCandidate>,
    sha256: string | null,
  ): PostingContext {
    return {
      case: about,
      sources: asked.sources,
      clicked,
      image: { name, sha256, isInCase: source?.kind === 'attachment' },
      ...(request.limits ? { limits: request.limits } : {}),
    };
  }

  function nothing(why: string): CaseOutcome {
    if (isAutomatic) return idle(why);
    throw new Ip2ProcessError('request', `Cannot look into case ${about.number}: it has ${why}`);
  }

  function idle(why: string): CaseOutcome {
    return { case: about, indicators: [], images: [], idle: why, warnings: [] };
  }
}

/** The file's name in the case is for messages; its bytes come from where they are. */
const sourceOf = ({ candidate, source }: FetchedImage) => ({ image: candidate.name, source });

/** Of several nobody knows which is the image's. */
const onlyOf = (hosts: readonly string[]): string | null =>
  hosts.length === 1 ? (hosts[0] ?? null) : null;
