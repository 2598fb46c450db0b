/**
 * Writes the image of a built machine:
 *
 *     tsx test/support/build-windows/write-image.ts recipe FILE
 *     tsx test/support/build-windows/write-image.ts cases FILE [BUILD]
 *     tsx test/support/build-windows/write-image.ts big FILE [BUILD]
 */
import { bigMachine } from './big-machine.ts';
import { BUILDS } from './build-windows.ts';
import { recipeMachine } from './recipe-machine.ts';
import { everyCase } from './scenarios.ts';

const [machine = '', path, buildText = '17763'] = process.argv.slice(2);
const build = BUILDS.find((one) => one === Number(buildText));
const writers: Readonly<Record<string, (file: string) => void>> = {
  recipe: (file) => recipeMachine().assemble().ram.toFile(file),
  cases: (file) =>
    everyCase(build === undefined ? {} : { build })
      .assemble()
      .ram.toFile(file),
  big: (file) => void bigMachine(file, build === undefined ? {} : { build }),
};
const write = writers[machine];
if (!write || path === undefined || build === undefined) {
  process.stderr.write(
    `Cannot write an image: say one of ${Object.keys(writers).join(', ')}, a file, and one of ${BUILDS.join(', ')}\n`,
  );
  process.exitCode = 2;
} else {
  write(path);
}
