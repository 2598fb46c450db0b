import { Ip2ProcessError } from '../errors.ts';
import type { Indicator } from '../indicator/indicator.ts';
import { MAX_INDICATORS, parseIndicator } from '../indicator/parse-indicator.ts';
import { forTerminal } from '../report/text-safety.ts';
import { MADE_BY_US } from '../thehive/own-tags.ts';
import type { Source } from '../thehive/posting.ts';
import type { Observable } from '../thehive/thehive.ts';

/** Data types of TheHive that name something to look for in memory. */
const INDICATOR_TYPES: ReadonlySet<string> = new Set(['ip', 'domain', 'fqdn', 'hostname', 'url']);

/** Warnings of one case about values that are none; the rest is counted. */
const MOST_NAMED = 5;

/**
 * What an observable is to us: a tag makes it a memory image, also where it names one by path or URL; else its type makes
 * it an indicator; else it is nothing that we can look for.
 */
export function roleOf(
  { dataType, tags }: Pick<Observable, 'dataType' | 'tags'>,
  imageTags: readonly string[],
): 'image' | 'indicator' | null {
  const marks = new Set(imageTags.map((tag) => tag.toLowerCase()));
  if (tags.some((tag) => marks.has(tag.trim().toLowerCase()))) return 'image';
  return INDICATOR_TYPES.has(dataType) ? 'indicator' : null;
}

/** @throws Ip2ProcessError kind 'request': "Cannot look into memory for …" */
export function refuseRole(dataType: string, imageTags: readonly string[]): never {
  const shown = forTerminal(dataType, 64);
  throw new Ip2ProcessError(
    'request',
    `Cannot look into memory for an observable of type "${shown}": run this on one of type ${[...INDICATOR_TYPES].join(', ')}, on the case, or on a memory image tagged ${imageTags.map((tag) => `"${tag}"`).join(' or ')}`,
    { dataType: shown },
  );
}

/** What to look for, and which observable each is from. */
export interface CaseIndicators {
  readonly indicators: readonly Indicator[];
  readonly sources: readonly Source[];
  readonly warnings: readonly string[];
}

/** Of the one observable that was clicked. @throws Ip2ProcessError kind 'request' when its value is none */
export function indicatorOf(observable: Observable): CaseIndicators {
  const indicator = parseIndicator(observable.data ?? '');
  return {
    indicators: [indicator],
    sources: [{ indicator: indicator.text, observable }],
    warnings: [],
  };
}

/**
 * All of a case, each once. What ip2process added itself is left out, so that its findings are no new questions; who wants
 * one followed runs the responder on that observable.
 */
export function indicatorsOf(
  observables: readonly Observable[],
  imageTags: readonly string[],
): CaseIndicators {
  const indicators = new Map<string, Indicator>();
  const sources: Source[] = [];
  const unusable: string[] = [];
  let leftOut = 0;
  for (const observable of observables) {
    if (roleOf(observable, imageTags) !== 'indicator' || isOurs(observable)) continue;
    const indicator = indicatorOrNull(observable);
    if (!indicator) {
      unusable.push(forTerminal(observable.data ?? '', 80));
    } else if (indicators.size < MAX_INDICATORS || indicators.has(indicator.text)) {
      if (!indicators.has(indicator.text)) indicators.set(indicator.text, indicator);
      sources.push({ indicator: indicator.text, observable });
    } else {
      leftOut += 1;
    }
  }
  return {
    indicators: [...indicators.values()],
    sources,
    warnings: [
      ...unusable
        .slice(0, MOST_NAMED)
        .map((text) => `"${text}" is no address, name or URL, and was not looked for`),
      ...(unusable.length > MOST_NAMED
        ? [`${unusable.length - MOST_NAMED} more observables were not looked for either`]
        : []),
      ...(leftOut > 0
        ? [`${leftOut} indicators were not looked for: one run takes at most ${MAX_INDICATORS}`]
        : []),
    ],
  };
}

export const isOurs = ({ tags }: Pick<Observable, 'tags'>): boolean => tags.includes(MADE_BY_US);

function indicatorOrNull({ data }: Observable): Indicator | null {
  try {
    return parseIndicator(data ?? '');
  } catch (error) {
    if (error instanceof Ip2ProcessError) return null;
    throw error;
  }
}
