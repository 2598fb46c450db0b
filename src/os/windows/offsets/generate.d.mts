/** Text of groups.ts, made from the parsed table of offsets. */
export function generate(table: unknown): string;
