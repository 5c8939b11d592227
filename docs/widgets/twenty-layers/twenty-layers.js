// Twenty layers: a random batch goes through a deep stack at its start, a random gradient comes back; how large is either?
// values: line_or_mlp.digits.features learning_rates.batch
import { Explorable, number, scientific } from "../explorable.js";
import { pass, stack } from "./signal.js";

const DEPTHS = [2, 20]; // a single layer has none to which a gradient comes back
const DRAWS = 99;
const LOST = 1e-14; // what differs between outputs near 1/2 is below it no more than rounding, in float64
// What each activation is called, and its line of NumPy, its slope in its output, and what is measured of that.
const ACTIVATIONS = {
  relu: ["ReLU", "np.maximum(0, h @ W)", "(h > 0)", "rms = np.sqrt((h**2).mean())"],
  tanh: ["tanh", "np.tanh(h @ W)", "(1 - h**2)", "rms = np.sqrt((h**2).mean())"],
  sigmoid: ["sigmoid", "1 / (1 + np.exp(-(h @ W)))", "h * (1 - h)", "sd = np.sqrt(h.var(axis=0).mean())"],
};
// What each choice of weights is called, and their standard deviation in NumPy and here, for D inputs and M units.
const WEIGHTS = {
  "0.01": ["0.01", "0.01", () => 0.01],
  xavier: ["Xavier", "np.sqrt(2 / (D + M))", (D, M) => Math.sqrt(2 / (D + M))],
  he: ["He", "np.sqrt(2 / D)", (D) => Math.sqrt(2 / D)],
  "4xavier": ["4 × Xavier", "4 * np.sqrt(2 / (D + M))", (D, M) => 4 * Math.sqrt(2 / (D + M))],
  "1.0": ["1.0", "1.0", () => 1],
};
const short = (v) => (v < 0.01 || v >= 1000 ? scientific(v, 1) : number(v, 3));
const whole = (v, low, high) => Number.isInteger(v) && v >= low && v <= high;

// A line of the picture from its layer `from` on; how it ends beside how it starts, and the factor from layer to layer.
function line(name, from, sizes, start, end) {
  const fate = end < 0.1 * start ? "fades" : end > 10 * start ? "grows" : "keeps its size within a factor of ten";
  return { name, from, sizes, start, end, fate, factor: (end / start) ** (1 / (sizes.length - 1)) };
}

class TwentyLayers extends Explorable {
  static title = "twenty layers";

  start() {
    return { activation: "relu", weights: "0.01", depth: 20, seed: 1 };
  }

  format({ activation, weights, depth, seed }) {
    return [activation, weights, depth, seed].join("_");
  }

  parse(text) {
    const [activation, weights, ...rest] = text.split("_");
    const [depth, seed] = rest.map(Number);
    const state = { activation, weights, depth, seed };
    const good = Object.hasOwn(ACTIVATIONS, activation) && Object.hasOwn(WEIGHTS, weights) && whole(depth, ...DEPTHS) && whole(seed, 1, DRAWS);
    return good && text === this.format(state) ? state : null;
  }

  tries() {
    return "Which weights bring signal and gradient through twenty layers of ReLU, which through tanh, and do any through the sigmoid?";
  }

  does() {
    const { features, batch } = this.values;
    return `A batch of ${batch} random examples goes through layers of ${features} units, and a random gradient comes back. Drawn is the
      root mean square (RMS) of each, for the sigmoid also of what differs between the examples. The buttons choose activation and
      weights, the slider the number of layers; <i>Draw again</i> takes other random numbers, <i>Reset</i> brings back the start.`;
  }

  body() {
    const choices = (of, said, all) => `<p class="choices" role="group" aria-label="${said}">
      ${Object.entries(all).map(([key, [name]]) => `<button type="button" data-part="${of}-${key}">${name}</button>`).join("")}</p>`;
    const reading = (way) => `<p class="reading ${way}"><span data-part="name-${way}">gradient, back at layer 1</span>
      <b data-part="size-${way}"></b><span data-part="factor-${way}"></span></p>`;
    const lines = ["weights", "forward", "measure", "backward"].map((name) => `<code data-part="line-${name}"></code>`);
    return `<div class="both"><div data-part="picture"></div><div class="said">
        ${choices("activation", "Activation", ACTIVATIONS)}
        <p>weights, standard deviation <b data-part="std"></b></p>${choices("weights", "Weights", WEIGHTS)}
        <p class="slide"><label for="twenty-layers-depth">layers</label><input id="twenty-layers-depth" type="range" min="${DEPTHS[0]}"
          max="${DEPTHS[1]}" step="1" data-part="depth"><span class="value" data-part="value-depth"></span></p>
        <p class="again"><button type="button" data-part="again">Draw again ›</button><span>draw <b data-part="seed"></b></span></p>
        ${reading("forward")}${reading("backward")}<p data-part="fate"></p></div><p class="lines">${lines.join("")}</p></div>`;
  }

  pressed({ dataset: { part } }) {
    if (part === "again") return { seed: (this.state.seed % DRAWS) + 1 };
    const [of, key] = part.split("-");
    return { [of]: key };
  }

  edited({ valueAsNumber }) {
    return { depth: valueAsNumber };
  }

  // What goes forwards, what comes back, and all sizes of what goes forwards. Of sigmoids it is what differs that counts.
  lines() {
    const { activation, weights, depth, seed } = this.state;
    const { features: D, batch: N } = this.values;
    if (this.drawn?.seed !== seed) this.drawn = { seed, ...stack(seed, DEPTHS[1], N, D) };
    const { sizes, spreads, gradients } = pass(this.drawn, activation, WEIGHTS[weights][2](D, D), depth);
    const differs = activation === "sigmoid";
    const seen = differs ? spreads.filter((v) => v > LOST) : sizes;
    return {
      forward: line(differs ? "what differs" : "signal", 0, seen, seen[0], seen.at(-1)),
      backward: line("gradient", 1, gradients, gradients.at(-1), gradients[0]),
      rms: line("RMS", 0, sizes, sizes[0], sizes.at(-1)),
    };
  }

  show() {
    const { activation, weights, depth, seed } = this.state;
    const { features: D } = this.values;
    const lines = this.lines();
    const { forward, backward, rms } = lines;
    for (const [of, all] of [["activation", ACTIVATIONS], ["weights", WEIGHTS]])
      for (const key of Object.keys(all)) this.part(`${of}-${key}`).setAttribute("aria-pressed", key === this.state[of]);
    this.part("depth").value = depth;
    this.write("value-depth", depth);
    this.write("seed", seed);
    this.write("std", number(WEIGHTS[weights][2](D, D), 3));
    const lost = forward.sizes.length <= depth;
    this.write("name-forward", `${forward.name}, after layer ${depth}`);
    this.write("size-forward", lost ? `below ${scientific(LOST, 0)}` : short(forward.end));
    this.write("size-backward", short(backward.end));
    for (const way of ["forward", "backward"]) this.write(`factor-${way}`, `× ${number(lines[way].factor, 3)} a layer`);
    const back = backward.fate === forward.fate ? "and so does the gradient" : `the gradient ${backward.fate}`;
    const what = activation === "sigmoid" ? `The RMS after layer ${depth} is ${number(rms.end, 2)}. What differs between the examples` : "The signal";
    this.write("fate", `${what} ${forward.fate}, ${back}.${lost ? ` From layer ${forward.sizes.length} on all that differs is rounding.` : ""}`);
    const [, of, slope, measure] = ACTIVATIONS[activation];
    this.write("line-weights", `W = ${WEIGHTS[weights][1]} * normal`);
    this.write("line-forward", `h = ${of}`);
    this.write("line-measure", measure);
    this.write("line-backward", `dh = (dh * ${slope}) @ W.T`);
    this.draw = () => {
      const width = this.part("picture").clientWidth;
      if (width) this.part("picture").innerHTML = this.picture(lines, width);
    };
    this.draw();
    this.watch ??= new ResizeObserver(() => this.draw());
    this.watch.observe(this.part("picture"));
  }

  // Sizes by layer, on an axis of powers of ten that reaches as far as they do.
  picture({ forward, backward, rms }, width) {
    const { activation, depth } = this.state;
    const tall = Math.round(width * 0.72);
    const [left, right, top, bottom] = [50, width - 8, 12, tall - 22];
    const powers = [...forward.sizes, ...backward.sizes].map(Math.log10);
    const [low, high] = [5 * Math.floor(Math.min(-5, ...powers) / 5), 5 * Math.ceil(Math.max(5, ...powers) / 5)];
    const across = (layer) => left + ((right - left) * layer) / depth;
    const down = (power) => Math.round(10 * (top + ((bottom - top) * (high - power)) / (high - low))) / 10;
    const text = (x, y, anchor, words, kind = "axis") => `<text class="${kind}" x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`;
    const every = high - low > 25 ? 10 : 5;
    let grid = "";
    for (let power = every * Math.ceil(low / every); power <= high; power += every) {
      const y = down(power);
      grid += `<line class="${power ? "" : "one"}" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/>${text(left - 6, y + 4, "end", power ? `1e${number(power, 0)}` : "1")}`;
    }
    const drawn = ({ sizes, from }, way) => {
      const points = sizes.map((v, i) => [across(from + i).toFixed(1), down(Math.log10(v))]);
      return `<g class="${way}"><polyline points="${points.join(" ")}"/>${points.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="2"/>`).join("")}</g>`;
    };
    // A label stands above the beginning of its line, or below it where the line climbs.
    const beside = ({ start, fate }) => down(Math.log10(start)) + (fate === "grows" ? 17 : -8);
    const all = activation === "sigmoid" ? drawn(rms, "rms") + text(across(depth / 2), down(Math.log10(rms.end)) + 17, "middle", rms.name) : "";
    return `<svg width="${width}" height="${tall}" role="img" aria-label="Sizes by layer. Where they end stands beside the picture.">${grid}
      ${all}${drawn(forward, "forward")}${drawn(backward, "backward")}${text(left + 3, beside(forward), "start", `${forward.name} →`, "forward")}
      ${text(right - 3, beside(backward), "end", "← gradient", "backward")}${text(left, tall - 6, "start", "input")}${text(right, tall - 6, "end", `layer ${depth}`)}</svg>`;
  }

  summary() {
    const text = (name) => this.part(name).textContent;
    const reading = (way) => `${text(`name-${way}`)}: ${text(`size-${way}`)}, ${text(`factor-${way}`)}`;
    return `${text("fate")} ${reading("forward")}; ${reading("backward")}.`;
  }
}

customElements.define("smlp-twenty-layers", TwentyLayers);
