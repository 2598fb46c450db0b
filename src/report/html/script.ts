import { createHash } from 'node:crypto';

/**
 * The page's one script, for comfort only: buttons that copy, a fold that opens when a link leads into it, and all folds
 * open on paper. The page reads the same without it.
 */
export const SCRIPT = `
for (const button of document.querySelectorAll('.command button')) {
  const command = button.previousElementSibling;
  button.hidden = false;
  button.addEventListener('click', async () => {
    getSelection().selectAllChildren(command);
    let isCopied = false;
    try { await navigator.clipboard.writeText(command.textContent); isCopied = true; }
    catch { isCopied = document.execCommand('copy'); }
    button.textContent = isCopied ? 'Copied' : 'Marked';
    setTimeout(() => { button.textContent = 'Copy'; }, 1600);
  });
}
const open = () => {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  const fold = target && target.closest('details');
  if (fold) { fold.open = true; fold.scrollIntoView(); }
};
addEventListener('hashchange', open);
open();
let closed = [];
addEventListener('beforeprint', () => {
  closed = [...document.querySelectorAll('details:not([open])')];
  for (const fold of closed) fold.open = true;
});
addEventListener('afterprint', () => { for (const fold of closed) fold.open = false; });
`;

/** As a content security policy names a script or style that stands in the page. */
export const hashOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
