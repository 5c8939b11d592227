// The networks of the shuffled digits, without a page: an MLP, and a CNN of two convolutions, max pooling and a dense layer.
// A channel is a list of rows, x (C, H, W) a list of channels; a filter is one row of weights, W (M, C * 9), b (M,).
import { dense, relu } from "../network.js";

// Each output is a 3 by 3 window of x, all channels, times weights, plus a bias; around x stand zeros.
export const convolve = (x, W, b) =>
  W.map((w, m) => x[0].map((row, i) => row.map((_, j) => {
    const at = (k) => x[Math.floor(k / 9)][i + (Math.floor(k / 3) % 3) - 1]?.[j + (k % 3) - 1] ?? 0;
    return w.reduce((sum, weight, k) => sum + weight * at(k), b[m]);
  }))); // (M, H, W)

// The largest value of each 2 by 2 window: half as many rows and columns.
export const maxPool = (x) =>
  x.map((rows) => rows.filter((_, i) => i % 2).map((row, i) => row.filter((_, j) => j % 2).map((v, j) =>
    Math.max(v, row[2 * j], rows[2 * i][2 * j], rows[2 * i][2 * j + 1])))); // (C, H / 2, W / 2)

export function softmax(logits) {
  const shift = Math.max(...logits); // no exponential can overflow
  const powers = logits.map((z) => Math.exp(z - shift));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((v) => v / sum);
}

// The logits (10,) of an image in a row, x (64,).
export const mlp = ({ W1, b1, W2, b2 }, x) => dense(relu(dense(x, W1, b1)), W2, b2);

export function cnn({ W1, b1, W2, b2, W3, b3 }, x) {
  const rectified = (channels) => channels.map((rows) => rows.map(relu));
  const image = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => x.slice(8 * i, 8 * i + 8)); // (64,) -> (8, 8)
  const first = rectified(convolve([image], W1, b1));
  const second = rectified(convolve(first, W2, b2));
  return dense(maxPool(second).flat(2), W3, b3); // (16, 4, 4) -> (256,) -> (10,)
}
