import type { Indicator } from '../indicator/indicator.ts';
import type { BytePattern } from '../indicator/pattern.ts';

/** What was asked, as the scan took it. */
export interface Question {
  readonly indicators: readonly Indicator[];
  readonly patterns: readonly BytePattern[];
}
