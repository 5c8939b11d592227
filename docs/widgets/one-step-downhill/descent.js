// A walk down a valley, without a page. A valley is the list of its curvatures, one for each direction: its height is
// half of each curvature times the square of the place, all added up, and its slopes are curvature times place.

export const height = (curvatures, place) => place.reduce((sum, v, i) => sum + (curvatures[i] / 2) * v * v, 0);

// One step: the velocity is the fading sum of all slopes so far, and the place moves against it.
export function step(curvatures, { place, v }, rate, momentum) {
  const next = v.map((old, i) => momentum * old + curvatures[i] * place[i]);
  return { place: place.map((x, i) => x - rate * next[i]), v: next };
}

// The places of n steps, the first one included.
export function walk(curvatures, place, rate, momentum, n) {
  const places = [place];
  for (let now = { place, v: place.map(() => 0) }; places.length <= n; places.push(now.place)) now = step(curvatures, now, rate, momentum);
  return places;
}

// After how many steps the place is a thousand times nearer to the lowest point; Infinity if not within `most`.
export function needed(curvatures, place, rate, momentum, most = 10_000) {
  const goal = Math.hypot(...place) / 1000;
  let now = { place, v: place.map(() => 0) };
  for (let n = 0; n <= most; n++) {
    if (Math.hypot(...now.place) <= goal) return n;
    now = step(curvatures, now, rate, momentum);
  }
  return Infinity;
}

// What happens in a direction of a curvature. A step without momentum multiplies the place by 1 - rate * curvature. With
// it, two steps are tied by a square equation, whose roots leave the unit circle at rate * curvature = 2 + 2 * momentum.
export function regime(curvature, rate, momentum) {
  const beyond = rate * curvature - 2 * (1 + momentum);
  if (Math.abs(beyond) < 1e-9) return "forever";
  if (beyond > 0) return "climbs";
  if (momentum === 0 && Math.abs(rate * curvature - 1) < 1e-9) return "there";
  return 1 + momentum - rate * curvature >= 2 * Math.sqrt(momentum) - 1e-9 ? "stays" : "crosses";
}
