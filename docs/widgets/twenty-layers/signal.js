// A stack of dense layers at its start, without a page: what goes forwards through it and what comes back, in float64.
// An array of N rows is flat, row by row; biases are 0, and all weights of a stack have one standard deviation.

// n normal numbers from a seed: those of mulberry32, an even generator in 32 bits, two by two through Box and Muller.
export function normals(seed, n) {
  let state = seed;
  const even = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32; // from 0 on, below 1
  };
  const drawn = new Float64Array(n);
  for (let i = 0; i < n; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - even()));
    const angle = 2 * Math.PI * even();
    drawn[i] = radius * Math.cos(angle);
    if (i + 1 < n) drawn[i + 1] = radius * Math.sin(angle);
  }
  return drawn;
}

// The random numbers of a stack: a batch x (N, D), a gradient dh (N, D) for its end, and W (D, D) of each layer, unscaled.
export function stack(seed, most, N, D) {
  const all = normals(seed, 2 * N * D + most * D * D);
  const layer = (l) => all.subarray(2 * N * D + l * D * D, 2 * N * D + (l + 1) * D * D);
  return { N, D, x: all.subarray(0, N * D), dh: all.subarray(N * D, 2 * N * D), W: Array.from({ length: most }, (_, l) => layer(l)) };
}

// Each activation, and its slope told by its output h.
export const ACTIVATIONS = {
  relu: { of: (z) => Math.max(0, z), slope: (h) => (h > 0 ? 1 : 0) },
  tanh: { of: Math.tanh, slope: (h) => 1 - h * h },
  sigmoid: { of: (z) => 1 / (1 + Math.exp(-z)), slope: (h) => h * (1 - h) },
};

// h @ W times a scale, (N, D) @ (D, D) -> (N, D); `back`: h @ W.T. Four rows at a time, which is twice as fast as one.
function times(h, W, scale, D, back = false) {
  const [along, across] = back ? [1, D] : [D, 1];
  const z = new Float64Array(h.length);
  for (let row = 0; row < h.length; row += 4 * D)
    for (let j = 0; j < D; j++) {
      let a = 0, b = 0, c = 0, d = 0;
      for (let i = row, at = j * across; i < row + D; i++, at += along) {
        a += h[i] * W[at];
        b += h[i + D] * W[at];
        c += h[i + 2 * D] * W[at];
        d += h[i + 3 * D] * W[at];
      }
      const at = row + j;
      z[at] = scale * a;
      z[at + D] = scale * b;
      z[at + 2 * D] = scale * c;
      z[at + 3 * D] = scale * d;
    }
  return z;
}

export const rms = (h) => Math.sqrt(h.reduce((sum, v) => sum + v * v, 0) / h.length);

// What differs between the examples: the root mean square of h about the mean of each unit over the batch.
export function spread(h, D) {
  const N = h.length / D;
  const mean = new Float64Array(D);
  h.forEach((v, i) => (mean[i % D] += v / N));
  return rms(h.map((v, i) => v - mean[i % D]));
}

// Layer by layer, from the batch (0) to the last layer: the root mean square of the outputs, their spread, and the root
// mean square of the gradient with respect to them; the gradient with respect to the batch, which nobody needs, is left out.
export function pass({ N, D, x, dh, W }, activation, std, depth) {
  const { of, slope } = ACTIVATIONS[activation];
  const outputs = [x];
  for (let l = 0; l < depth; l++) outputs.push(times(outputs[l], W[l], std, D).map(of));
  const gradients = [dh];
  for (let l = depth; l > 1; l--) {
    const dz = gradients[0].map((v, i) => v * slope(outputs[l][i]));
    gradients.unshift(times(dz, W[l - 1], std, D, true));
  }
  return { sizes: outputs.map(rms), spreads: outputs.map((h) => spread(h, D)), gradients: gradients.map(rms) };
}
