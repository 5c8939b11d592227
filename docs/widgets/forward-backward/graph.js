// The graph of the spam network as SVG text, drawn from the values of both passes, in the pixels that there are: so its
// letters keep their size on a phone. `lit` names what the present step computes, `way` is "forward" or "backward".
import { number, scientific } from "../explorable.js";

// A number with so many digits, or its power of ten where they would be noughts alone or far too many.
const tight = (v, digits) => (v !== 0 && (Math.abs(v) < 0.5 * 10 ** -digits || Math.abs(v) >= 1e3) ? scientific(v, 0) : number(v, digits));

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
    const words = gradient ? `∂ ${tight(s[`d${name}`][i][j], 2)}` : tight(s[name][i][j], 2);
    return text([x0 + t * (x1 - x0), y0 + t * (y1 - y0)], 4, words, `weight ${lighting(name, `d${name}`)}`);
  };
  const value = (name, v, digits, before = "") => (known(name) ? before + tight(v, v ? digits : 0) : "");
  const circle = (at, names, inside, kind = "") =>
    `<circle class="${lighting(...names)} ${kind}" cx="${at[0]}" cy="${at[1]}" r="${r}"/>${text(at, 4, inside, "inside")}`;
  // The slope that has come to a circle on the way back: the last of its names that is known, and its value.
  const slope = (names, of) => {
    const name = names.findLast(known);
    return name ? [name, value(name, of(name), 3)] : ["", ""];
  };
  const lost = s.loss < 0.001 ? scientific(s.loss, s.loss < 1e-9 ? 0 : 1) : number(s.loss, s.loss < 10 ? 4 : 2);
  const chance = s.rest < 0.0005 ? "≈ 1" : tight(s.p, 3);
  const [before, arrived] = slope(["dp", "dlogit"], (name) => s[name]);

  const lines = [
    ...inputs.flatMap((from) => hidden.map((to) => edge(from, to, "W1"))),
    ...hidden.map((from) => edge(from, output, "W2")),
    edge(output, [loss[0] - 4 * unit, loss[1]], "L"),
  ];
  const nodes = [
    ...inputs.map((at, i) => circle(at, ["x"], String(s.x[i])) + text(at, 33, features[i])),
    // Both values of a hidden neuron stand outside the graph, above the upper one and below the lower one.
    ...hidden.map((at, j) => circle(at, ["z", "h", "dh", "dz"], value("h", s.h[j], 2), known("h") && s.z[j] <= 0 ? "silent" : "") +
      text(at, [-26, 33][j], value("z", s.z[j], 2, "z ")) + text(at, [-40, 47][j], slope(["dh", "dz"], (name) => s[name][j]).join(" ").trim(), "slope")),
    circle(output, ["logit", "p", "dp", "dlogit"], known("p") ? chance : "") + text(output, -40, "logit") + text(output, -26, value("logit", s.logit, 3)) +
      text(output, 33, before, "slope") + text(output, 47, arrived, "slope"),
    `<rect class="${lighting("loss")}" x="${loss[0] - 24 * unit}" y="${loss[1] - 14 * unit}" width="${48 * unit}" height="${28 * unit}" rx="${3 * unit}"/>`,
    text(loss, -26, "loss") + text(loss, 4, known("loss") ? lost : "", "inside") + text(loss, 33, `y = ${s.y}`),
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
