/**
 * Version of the report's shape: the first number changes when a reader of the old shape would break. Apart from the schema,
 * so that making a report need not load the schema library (40 ms).
 */
export const REPORT_VERSION = '1.1';
