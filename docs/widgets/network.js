// The network of the spam example, without a page: dense layers, ReLU, sigmoid, and their gradients.
// A row is a list of numbers, a matrix a list of rows; names and shapes are those of the posts: x (D,), W (D, M), b (M,).

export const dense = (x, W, b) => b.map((bias, j) => x.reduce((sum, v, i) => sum + v * W[i][j], bias)); // (M,)
export const relu = (z) => z.map((v) => Math.max(0, v));
// 1 / (1 + exp(-z)); this form cannot overflow, and is exact where it is nearly 0.
export const sigmoid = (z) => (z < 0 ? Math.exp(z) : 1) / (1 + Math.exp(-Math.abs(z)));
const outer = (x, dz) => x.map((v) => dz.map((d) => v * d)); // x.T @ dz for one example: (D, M)

export function forward({ W1, b1, W2, b2 }, x) {
  const z = dense(x, W1, b1);
  const h = relu(z);
  const [logit] = dense(h, W2, b2);
  return { z, h, logit, p: sigmoid(logit) };
}

// Binary cross-entropy from the logit: log(1 + exp(-z)) for y = 1, log(1 + exp(z)) for y = 0; neither overflows.
export function loss(logit, y) {
  const z = y ? -logit : logit;
  return Math.max(0, z) + Math.log1p(Math.exp(-Math.abs(z)));
}

// dv is the gradient of the loss with respect to v. A silent neuron passes nothing back: the slope of ReLU is 0 there.
export function backward({ W2 }, x, y, { z, h, logit, p }) {
  const dp = y ? -1 / p : 1 / sigmoid(-logit); // sigmoid(-logit) is 1 - p
  const dlogit = y ? -sigmoid(-logit) : p; // p - y
  const dh = W2.map(([w]) => dlogit * w);
  const dz = dh.map((d, j) => (z[j] > 0 ? d : 0));
  return { dp, dlogit, dW2: outer(h, [dlogit]), db2: [dlogit], dh, dz, dW1: outer(x, dz), db1: dz };
}

// Where no neuron switches the network is linear: the logit is a sum of one term for each feature and a constant.
export function contributions({ W1, b1, W2, b2 }, x) {
  const on = dense(x, W1, b1).map((z) => (z > 0 ? 1 : 0));
  const through = (weights) => weights.reduce((sum, w, j) => sum + w * on[j] * W2[j][0], 0);
  const slopes = W1.map(through);
  return { slopes, terms: x.map((v, i) => v * slopes[i]), constant: through(b1) + b2[0] };
}

// One step of gradient descent: a new network, each parameter moved by -lr times its gradient.
export function step(net, grads, lr) {
  const move = (value, d) => (Array.isArray(value) ? value.map((v, i) => move(v, d[i])) : value - lr * d);
  return Object.fromEntries(["W1", "b1", "W2", "b2"].map((name) => [name, move(net[name], grads[`d${name}`])]));
}
