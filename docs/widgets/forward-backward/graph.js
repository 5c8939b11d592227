// The graph of the spam network as SVG text, drawn from the values of both passes, in the pixels that there are: so its
// letters keep their size on a phone. `lit` names what the present step computes, `way` is "forward" or "backward".
import { number } from "../explorable.js";

export function graph(s, { features, known, lit, way, width, unit }) {
  const r = 20 * unit;
  const place = (x, y) => [x * width, y * unit];
  const inputs = [36, 108, 180].map((y) => place(0.11, y));
  const hidden = [54, 162].map((y) => place(0.45, y));
  const [output, loss] = [place(0.735, 108), place(0.915, 108)];
  const middle = width > 480 * unit ? 0.7 : 0.5; // where weights stand on their edges: clear of circles and crossings
  const lighting = (...names) => (names.some((name) => lit.includes(name)) ? way : "");

  const text = ([x, y], down, words, kind = "") => `<text class="${kind}" x="${x}" y="${y + down * unit}">${words}</text>`;
  const edge = ([x0, y0], [x1, y1], group) => {
    const length = Math.hypot(x1 - x0, y1 - y0);
    const [dx, dy] = [((x1 - x0) * (r + 3)) / length, ((y1 - y0) * (r + 3)) / length];
    const [from, to] = [[x0 + dx, y0 + dy], [x1 - dx, y1 - dy]];
    const [[a, b], [c, d]] = way === "backward" ? [to, from] : [from, to]; // the arrow points where the values go
    return `<line class="${lighting(group)}" x1="${a}" y1="${b}" x2="${c}" y2="${d}"/>`;
  };
  const label = ([x0, y0], [x1, y1], t, name, i, j) => {
    const gradient = way === "backward" && lit.includes(`d${name}`);
    const words = gradient ? `∂ ${number(s[`d${name}`][i][j], 2)}` : number(s[name][i][j], 2);
    return text([x0 + t * (x1 - x0), y0 + t * (y1 - y0)], 4, words, `weight ${lighting(name, `d${name}`)}`);
  };
  const value = (name, v, digits, before = "") => (known(name) ? before + number(v, v ? digits : 0) : "");
  const circle = (at, names, inside, kind = "") =>
    `<circle class="${lighting(...names)} ${kind}" cx="${at[0]}" cy="${at[1]}" r="${r}"/>${text(at, 4, inside, "inside")}`;
  const delta = (at, down, name, v) => text(at, down, value(name, v, 3, "δ "), "delta");

  const lines = [
    ...inputs.flatMap((from) => hidden.map((to) => edge(from, to, "W1"))),
    ...hidden.map((from) => edge(from, output, "W2")),
    edge(output, [loss[0] - 4 * unit, loss[1]], "L"),
  ];
  const nodes = [
    ...inputs.map((at, i) => circle(at, ["x"], String(s.x[i])) + text(at, 33, features[i])),
    // Both values of a hidden neuron stand outside the graph, above the upper one and below the lower one.
    ...hidden.map((at, j) => circle(at, ["z", "h", "dz", "db1"], value("h", s.h[j], 2), known("h") && s.z[j] <= 0 ? "silent" : "") +
      text(at, [-26, 33][j], value("z", s.z[j], 2, "z ")) + delta(at, [-40, 47][j], "dz", s.dz[j])),
    circle(output, ["logit", "p", "dlogit"], value("p", s.p, 3)) + text(output, -40, "logit") + text(output, -26, value("logit", s.logit, 3)) +
      delta(output, 33, "dlogit", s.dlogit),
    `<rect class="${lighting("loss")}" x="${loss[0] - 24 * unit}" y="${loss[1] - 14 * unit}" width="${48 * unit}" height="${28 * unit}" rx="${3 * unit}"/>`,
    text(loss, -26, "loss") + text(loss, 4, value("loss", s.loss, 4), "inside") + text(loss, 33, `y = ${s.y}`),
  ];
  const labels = [
    ...inputs.flatMap((from, i) => hidden.map((to, j) => label(from, to, middle, "W1", i, j))),
    ...hidden.map((from, i) => label(from, output, 0.36, "W2", i, 0)),
  ];
  const arrow = (kind) => `<marker id="arrow-${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="${8 * unit}" markerHeight="${8 * unit}"
    markerUnits="userSpaceOnUse" orient="auto"><path class="${kind}" d="M0 0 8 4 0 8z"/></marker>`;
  return `<svg width="${width}" height="${216 * unit}" role="img" aria-label="The network as a graph: three features, two hidden neurons,
    one output, the loss. Its numbers stand below."><defs>${arrow("forward")}${arrow("backward")}</defs>${lines.join("")}${nodes.join("")}${labels.join("")}</svg>`;
}
