import * as z from 'zod';
import type { Connection, QueryOptions } from './connection.ts';
import { faultInLogs } from './fault.ts';
import { VelociraptorError } from './velociraptor-error.ts';

/**
 * Rows of a shape. A query that failed there ends without rows and with logs: then its reason is thrown.
 *
 * @param what for messages: "find the client"
 */
export async function ask<T>(
  connection: Connection,
  what: string,
  row: z.ZodType<T>,
  vql: string,
  env: Readonly<Record<string, string>>,
  options?: QueryOptions,
): Promise<readonly T[]> {
  const { rows, logs } = await connection.query(vql, env, options);
  if (rows.length === 0) {
    const fault = faultInLogs(logs, connection.user);
    if (fault) throw fault;
  }
  const parsed = z.array(row).safeParse(rows);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new VelociraptorError(
    'failed',
    `Cannot ${what}: Velociraptor at ${connection.address} answers in another shape (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`,
  );
}
