import type { Connection } from '../src/thehive/thehive.ts';
import type { Job } from './job.ts';
import type { Settings } from './settings.ts';

const MINUTE_MS = 60_000;
/** Of the job's time limit, at most a minute: so that a silent TheHive is named before the limit ends the job, after five tries. */
const SILENCE = 1 / 15;

/**
 * TheHive as the job's own configuration names it: nothing of Node's environment, which Cortex shares among workers.
 *
 * @param authorities PEM text beside the input; Cortex puts `cacerts` there too
 */
export const connectionOf = (
  { parameters }: Job,
  settings: Settings,
  authorities: string | null,
  signal: AbortSignal,
): Connection => ({
  url: settings.thehive_url,
  apiKey: settings.thehive_apikey.trim(),
  organisation: settings.thehive_organisation ?? parameters.organisation ?? null,
  authorities: certificatesIn(settings.cacerts ?? authorities ?? ''),
  proxy: proxyFor(settings.thehive_url, settings),
  ...(settings.jobTimeout === undefined
    ? {}
    : { timeoutMs: Math.round(MINUTE_MS * Math.min(1, settings.jobTimeout * SILENCE)) }),
  signal,
});

/** The text may hold several certificates, and comments between them. */
const certificatesIn = (text: string): string[] =>
  text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];

/** By the scheme of what is asked, as the names say; "proxy:3128" is meant as http. */
export function proxyFor(
  url: string,
  { proxy_http, proxy_https }: Pick<Settings, 'proxy_http' | 'proxy_https'>,
): string | null {
  const proxy = /^https:/i.test(url.trim()) ? proxy_https : proxy_http;
  if (!proxy) return null;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}
