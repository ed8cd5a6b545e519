// Numbers drawn at random, the same for the same seed in every browser: the generator
// PCG32 (O'Neill 2014) in its variant XSH-RR.

const WORD = 64;
const STEP = 6364136223846793005n;
const INCREMENT = 1442695040888963407n;

// `n` numbers drawn evenly from 0 up to 1.
export function numbers(seed, n) {
  return Array.from({ length: n }, generator(seed));
}

// Returns a function that draws the next of them.
export function generator(seed) {
  const advance = (state) => BigInt.asUintN(WORD, state * STEP + INCREMENT);
  let state = advance(advance(0n) + BigInt(seed));
  return () => {
    const mixed = Number(BigInt.asUintN(32, ((state >> 18n) ^ state) >> 27n));
    const turn = Number(state >> 59n);
    state = advance(state);
    return (((mixed >>> turn) | (mixed << (-turn & 31))) >>> 0) / 2 ** 32;
  };
}
