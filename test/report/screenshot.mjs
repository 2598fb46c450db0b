/**
 * A picture of an HTML report, made in the machine's own chromium:
 *
 *   node test/report/screenshot.mjs REPORT.html PICTURE.png [--width 1280] [--height 1400] [--dark] [--full]
 *
 * The one of the README: npm run demo && node test/report/screenshot.mjs demo/report.html docs/report.png --height 1990
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    width: { type: 'string', default: '1280' },
    height: { type: 'string', default: '1400' },
    dark: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
  },
});
const [report, picture] = positionals;
if (!report || !picture) throw new Error('Usage: screenshot.mjs REPORT.html PICTURE.png');

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
});
const page = await browser.newPage({
  viewport: { width: Number(values.width), height: Number(values.height) },
  colorScheme: values.dark ? 'dark' : 'light',
});
await page.goto(pathToFileURL(resolve(report)).href);
await page.screenshot({ path: picture, fullPage: values.full });
await browser.close();
