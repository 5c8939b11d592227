// Four functions that bend, without a page: the value f, the slope computed from it, and a result by a naive formula beside
// a stable one. Each operation is rounded to the float type, as in NumPy; JavaScript's own numbers are float64.

export const ROUND = { float64: (v) => v, float32: Math.fround };
const LEAK = 0.01; // the leaky ReLU's slope below zero

// NumPy's tanh in float32 is at most the float below 1 until z is 10, and from there on 1.
function tanh(z, round) {
  const f = round(Math.tanh(z));
  const below = 1 - 2 ** -24;
  return round === Math.fround && Math.abs(z) < 10 ? Math.max(-below, Math.min(below, f)) : f;
}

const FUNCTIONS = {
  // The loss of an email that is not spam: -log(1 - f), and log(1 + exp(z)) without an exponential that can overflow.
  sigmoid(z, round) {
    const f = round(1 / round(1 + round(Math.exp(-z))));
    const rest = round(1 - f);
    const stable = round(Math.max(0, z) + round(Math.log1p(round(Math.exp(-Math.abs(z))))));
    return { f, slope: round(f * rest), naive: round(-Math.log(rest)), stable };
  },
  tanh(z, round) {
    const [up, down] = [round(Math.exp(z)), round(Math.exp(-z))];
    const f = tanh(z, round);
    return { f, slope: round(1 - round(f * f)), naive: round(round(up - down) / round(up + down)), stable: f };
  },
  relu: (z) => ({ f: Math.max(z, 0), slope: z > 0 ? 1 : 0 }),
  leaky: (z, round) => ({ f: Math.max(z, round(round(LEAK) * z)), slope: z > 0 ? 1 : round(LEAK) }),
};

// The same for a z that is rounded first; `off`: the naive result has fewer than four right digits.
export function computed(name, z, type) {
  const rounded = ROUND[type](z);
  const { naive, stable, ...rest } = FUNCTIONS[name](rounded, ROUND[type]);
  return { z: rounded, ...rest, naive, stable, off: !(Math.abs(naive - stable) <= 1e-4 * Math.abs(stable)) };
}

// What is to be seen there, in a word.
export function regime({ z, f, slope, naive, stable, off }) {
  if (stable === undefined) return z > 0 ? "open" : z === 0 ? "corner" : slope ? "leaks" : "shut"; // both ReLUs
  if (Number.isNaN(naive)) return "overflows";
  if (naive === Infinity) return "infinite";
  if (slope === 0) return f ? "rounds" : "vanishes";
  if (slope >= 0.01) return z ? "steep" : "steepest";
  return off ? "off" : "flat";
}
