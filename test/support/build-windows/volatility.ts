import { execFileSync } from 'node:child_process';
import { volatility3Command } from '../../../src/engine/volatility3/installation.ts';
import { fromRoot } from '../from-root.ts';

/** Symbol tables of the kernels that the builder writes by, as Volatility 3 wants them laid out. */
export const SYMBOL_FOLDER = '../shared/reference/isf';

/** Volatility's command: $VOLATILITY, else the one of `npm run setup:volatility3`, else `vol` where it is found. */
export const VOLATILITY = process.env['VOLATILITY'] ?? volatility3Command();
export const HOW_TO_GET_VOLATILITY = 'npm run setup:volatility3';

/** What a plugin says about an image: one object a row, by column. No network: `--offline`. */
export function volatility(image: string, plugin: string, cache: string): Row[] {
  const output = execFileSync(
    VOLATILITY,
    // prettier-ignore
    ['--offline', '-q', '--cache-path', cache, '-s', fromRoot(SYMBOL_FOLDER), '-r', 'json', '-f', image, plugin],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 26 },
  );
  const rows: unknown = JSON.parse(output.slice(output.indexOf('[')));
  if (!Array.isArray(rows)) throw new Error(`Cannot read what ${plugin} said: no list`);
  return rows.map((row: unknown) => new Row(row));
}

/** A row of Volatility's output. */
export class Row {
  readonly #fields: ReadonlyMap<string, unknown>;

  constructor(row: unknown) {
    this.#fields = new Map(Object.entries(row ?? {}));
  }

  text(column: string): string | null {
    const value = this.#fields.get(column);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : null;
  }

  number(column: string): number {
    return Number(this.#fields.get(column));
  }

  /** Volatility leaves out the upper 16 bits of kernel addresses in some columns; so do we. */
  address(column: string): bigint {
    return BigInt.asUintN(48, BigInt(Math.trunc(this.number(column))));
  }

  time(column: string): number | null {
    const text = this.text(column);
    return text === null ? null : Date.parse(text);
  }
}
