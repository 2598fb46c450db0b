import { answeredIn } from './case-answered.ts';
import {
  indicatorOf,
  indicatorsOf,
  isOurs,
  refuseRole,
  roleOf,
  type CaseIndicators,
} from './case-indicators.ts';
import { postedAs, type Posted } from './case-posting.ts';
import { Ip2ProcessError } from './errors.ts';
import type { FetchedImage, ImageCandidate } from './evidence/evidence.ts';
import { fetchImage, type EvidencePlaces, type FetchOptions } from './evidence/fetch-image.ts';
import { findImages, IMAGE_TAGS, type FindRules } from './evidence/find-images.ts';
import { ip2process, type Request } from './ip2process.ts';
import type { Report } from './report/report.ts';
import { caseFiles } from './thehive/case-files.ts';
import { caseOfObservable } from './thehive/cases.ts';
import { getObservable } from './thehive/observables.ts';
import { questionKey } from './thehive/plan.ts';
import type { PostingContext, PostingLimits } from './thehive/posting.ts';
import type { Session } from './thehive/session.ts';
import type { Case, Id, Observable } from './thehive/thehive.ts';

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
}

export interface CaseRunOptions {
  readonly onProgress?: (phase: string, done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** The analysis of one image; another one only in tests. */
  readonly analyse?: typeof ip2process;
}

/** What became of one image. */
export interface ImageOutcome {
  readonly candidate: ImageCandidate;
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
  if (candidates === null) return idle('it has no memory image');

  const images: ImageOutcome[] = [];
  for (const candidate of candidates) {
    images.push({ candidate, result: await resultOf(candidate) });
  }
  return {
    case: about,
    indicators: asked.indicators,
    images,
    idle: null,
    warnings: asked.warnings,
  };

  /** Null: none, where nobody clicked and so nobody waits for advice. */
  async function imagesAmong(
    all: readonly Observable[],
  ): Promise<readonly ImageCandidate[] | null> {
    const attachments = await files.attachments(about.id);
    try {
      return findImages({ observables: all, attachments, clicked }, request.find);
    } catch (error) {
      const isNone = error instanceof Ip2ProcessError && error.place['images'] === undefined;
      if (isAutomatic && isNone) return null;
      throw error;
    }
  }

  async function resultOf(candidate: ImageCandidate): Promise<ImageOutcome['result']> {
    try {
      return await look(candidate);
    } catch (error) {
      if (!(error instanceof Ip2ProcessError) || error.kind === 'cancelled') throw error;
      return { kind: 'failed', error };
    }
  }

  async function look(candidate: ImageCandidate): Promise<ImageOutcome['result']> {
    const known = candidate.sha256 ? await earlier(candidate, candidate.sha256) : null;
    if (known) return known;
    const image = await fetchImage(
      candidate,
      { ...request.places, attachments: files },
      { ...request.fetch, ...(options.signal ? { signal: options.signal } : {}) },
    );
    // Awaited further down; until then its failure is no unhandled one.
    image.source.complete.catch(() => undefined);
    try {
      // Not known before it came, so the scan waits: most images of this kind are on our own disk.
      const late = candidate.sha256 === null ? (await image.source.complete).sha256 : null;
      const again = late === null ? null : await earlier(candidate, late);
      if (again) return again;
      const report = await (options.analyse ?? ip2process)(
        { ...request.analysis, indicators: asked.indicators, ...sourceOf(image) },
        options,
      );
      // Scanned while it came; told only now that size and hash are as they should be.
      const { sha256 } = await image.source.complete;
      const context = contextOf(candidate, candidate.sha256 ?? sha256);
      const posted = await postedAs(request.results, session, report, context);
      return { kind: 'answered', report, notes: image.notes, posted };
    } finally {
      await image.release();
    }
  }

  async function earlier(
    { name }: ImageCandidate,
    sha256: string,
  ): Promise<ImageOutcome['result'] | null> {
    if (request.again) return null;
    const question = { indicators: asked.indicators, image: { fileBytes: 0 } };
    const title = await answeredIn(session, about.id, questionKey(question, { name, sha256 }));
    return title === null ? null : { kind: 'answered-before', title };
  }

  function contextOf(candidate: ImageCandidate, sha256: string | null): PostingContext {
    return {
      case: about,
      sources: asked.sources,
      clicked,
      image: { name: candidate.name, sha256, isInCase: candidate.source.kind === 'attachment' },
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
