/** Text as an attacker leaves it in memory, names and command lines. `caught` is what a script sets when it runs. */
export const OUTSIDE = 'http://out.example';
export const RUN = 'window.caught=true;document.title="caught"';

export const PAYLOADS: readonly string[] = [
  `<script>${RUN}</script>`,
  `"><script>${RUN}</script>`,
  `'><img src=${OUTSIDE}/i onerror='${RUN}'>`,
  `<img src=x onerror='${RUN}'>`,
  `" onmouseover='${RUN}' onfocus='${RUN}' autofocus x="`,
  `" style="background:url(${OUTSIDE}/s)" x="`,
  `</style><script>${RUN}</script>`,
  `</title><script>${RUN}</script>`,
  `</pre></code></td></table></details><script>${RUN}</script>`,
  `--><script>${RUN}</script><!--`,
  `]]><script>${RUN}</script>`,
  `</svg><svg onload='${RUN}'>`,
  `<iframe src="${OUTSIDE}/f"></iframe>`,
  `<link rel=stylesheet href="${OUTSIDE}/l"><style>@import "${OUTSIDE}/m"</style>`,
  `<form action="${OUTSIDE}/p"><button>x</button></form>`,
  `<base href="${OUTSIDE}/">`,
  `[x](javascript:${RUN}) ![x](${OUTSIDE}/md)`,
  `<a href="javascript:${RUN}">x</a>`,
  `url(${OUTSIDE}/u) expression(${RUN})`,
  '\u001b]8;;http://out.example\u0007\u001b[31mred',
  '\u202egnp.exe\u2066\u2069\u200b\ufeff',
  'lone \ud800 halves \udfff and \u0000 nul',
  'constructor',
  '__proto__',
];

/** The meta element that leads away: no policy of a page holds it, so only escaping does. */
export const REDIRECT = `<meta http-equiv="refresh" content="0;url=${OUTSIDE}/r">`;
