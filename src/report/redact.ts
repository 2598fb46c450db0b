import type { Report } from './report.ts';
export const redact = (report: Report, mode: Report['privacy']): Report => ({
  ...report,
  privacy: mode,
});
