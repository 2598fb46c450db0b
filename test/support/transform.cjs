// TypeScript for jest by the same compiler that tsx and the build use.
const { transformSync } = require('esbuild');

module.exports = {
  process: (source, path) => {
    const { code, map } = transformSync(source, {
      loader: 'ts',
      format: 'esm',
      target: 'node20',
      sourcefile: path,
      sourcemap: 'both',
    });
    return { code, map };
  },
};
