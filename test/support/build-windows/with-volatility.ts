import { requires } from '../requires.ts';
import { HOW_TO_GET_VOLATILITY, SYMBOL_FOLDER, VOLATILITY } from './volatility.ts';

/** `test` where Volatility 3 is here. */
export const withVolatility = requires(VOLATILITY, HOW_TO_GET_VOLATILITY);

const symbols = requires(SYMBOL_FOLDER, 'symbol tables (ISF) of the kernels, see README.md here');

/** `test` where Volatility 3 is here, and the symbol tables of the kernels that the builder writes. */
export const withSymbols = symbols.isPresent ? withVolatility : symbols;
