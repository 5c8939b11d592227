// Activations: functions that bend, their slopes, and where a float runs out of digits or overflows.
// values: one_email.logit
import { Explorable, field, refusal, refusedLine, scientific } from "../explorable.js";
import { ROUND, computed, regime } from "./functions.js";

const CALLED = { sigmoid: "sigmoid", tanh: "tanh", relu: "ReLU", leaky: "leaky ReLU" };
const [NAMES, TYPES] = [CALLED, ROUND].map(Object.keys);
const PLACES = [0, 2, 5, 17, 37, 89, 710]; // flat from 5 on; the rest is where a float gives in
const RANGE = [-1000, 1000];
const SIDE = 8; // the picture reaches from −SIDE to SIDE
const HEIGHTS = { sigmoid: [-0.25, 1.25], tanh: [-1.4, 1.4] }; // of the picture
const TALL = [-1.6, 8.8]; // of both ReLUs
const COMPARED = {
  sigmoid: "The loss of an email that is not spam, if its logit is z:",
  tanh: "tanh by its formula, and by the function that NumPy has for it:",
};
const NOTHING = "No exponential is taken, so nothing can overflow.";
// The lines of NumPy, each of which stands beside what it gives.
const LINES = {
  sigmoid: { f: "1 / (1 + np.exp(-z))", slope: "f * (1 - f)", naive: "-np.log(1 - f)", stable: "np.logaddexp(0, z)" },
  tanh: { f: "np.tanh(z)", slope: "1 - f * f", naive: "(np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))", stable: "np.tanh(z)" },
  relu: { f: "np.maximum(z, 0)", slope: "np.where(z > 0, 1, 0)" },
  leaky: { f: "np.maximum(z, 0.01 * z)", slope: "np.where(z > 0, 1, 0.01)" },
};
// What is seen at z; `far` is how far f moves with z.
const SEEN = {
  steepest: ({ far }) => `Nowhere is it steeper: if z moves a little, f moves ${far}.`,
  steep: ({ far }) => `If z moves a little, f moves ${far}.`,
  flat: ({ far }) => `Flat: a step of the weights moves f by almost nothing, ${far} as z.`,
  off: () => "Flat, and 1 − f loses the digits that matter: the naive loss is off.",
  infinite: ({ type }) => `f rounds to 1 in ${type}, so 1 − f is 0: the naive loss is infinite, and the slope computed from f is 0.`,
  vanishes: ({ type }) => `exp(−z) is too large for ${type} and becomes inf: f is 0, and so is its slope.`,
  rounds: ({ type, sign }) => `f rounds to ${sign}1 in ${type}: the slope computed from it is 0, and nothing is passed back.`,
  overflows: ({ type, sign }) => `exp(${sign}z) is too large for ${type} and becomes inf: the formula divides inf by inf, which is nan.`,
  open: () => "The slope is 1: all that arrives here is passed back.",
  corner: ({ slope }) => `The corner has no slope. We take ${slope}, that of the left side.`,
  shut: () => "The slope is 0: nothing is passed back, and a small step leaves f where it is.",
  leaks: () => "The slope is 0.01: a hundredth of what arrives is passed back.",
};
const plain = (z) => String(z).replaceAll("-", "−");

// Five digits, fewer if they are all of it; a power of ten for what is small, or nearly 1; a word for what is exactly 0 or 1.
function shown(v, type) {
  const size = Math.abs(v);
  if (Number.isNaN(v)) return "nan";
  if (size === Infinity) return "inf";
  if (size === 0 || size === 1) return `exactly ${plain(v)}`;
  if (size > 0.9995 && size < 1) return `${v < 0 ? "−1 +" : "1 −"} ${scientific(1 - size, 1)}`;
  if (size < 0.001) return scientific(v, 2);
  const text = v.toPrecision(5);
  return plain(ROUND[type](Number(text)) === v ? Number(text) : text);
}

class Activations extends Explorable {
  static title = "activations";

  start() {
    return { name: "sigmoid", z: Number(this.values.logit.toFixed(3)), type: "float64", refused: "" };
  }

  format({ name, z, type }) {
    return [name, z, type].join("_");
  }

  parse(text) {
    const [name, z, type] = text.split("_");
    const state = { name, z: Number(z), type, refused: "" };
    const good = NAMES.includes(name) && TYPES.includes(type) && Math.abs(state.z) <= RANGE[1];
    return good && text === this.format(state) ? state : null;
  }

  tries() {
    return "Move z to 5, and see what is left of the sigmoid’s slope; then go on to 37.";
  }

  does() {
    return `The upper buttons choose the function and the type of float; slider, field and the lower buttons move z, and
      <i>−z</i> changes its sign. <i>Reset</i> brings back the start, the logit of our email.`;
  }

  body() {
    const buttons = (label, all) => `<p class="choices" role="group" aria-label="${label}">${all.map(([part, name]) =>
      `<button type="button" data-part="${part}">${name}</button>`).join("")}</p>`;
    const row = (name) => `<p class="row ${name}"><code data-part="line-${name}"></code><b data-part="${name}"></b></p>`;
    const places = [...PLACES.map((z) => [`at-${z}`, z]), ["turn", "−z"]];
    return `<div class="chosen">${buttons("Function", Object.entries(CALLED))}${buttons("Type of float", TYPES.map((type) => [type, type]))}</div>
      <div class="chosen"><p class="slide"><label for="activations-z">z</label>
        <input id="activations-z" type="range" min="-40" max="40" step="0.1" data-part="z">${field("z", "z as a number", RANGE)}</p>
        ${buttons("Places of z", places)}</div>${refusedLine("z")}
      <div class="both"><div data-part="picture"></div><div>
        <p><code data-part="line-z"></code></p>${row("f")}${row("slope")}<p data-part="seen"></p>
        <p data-part="compared"></p>${row("naive")}${row("stable")}</div></div>`;
  }

  pressed({ dataset: { part } }) {
    if (part === "turn") return { z: -this.state.z || 0, refused: "" };
    if (part.startsWith("at-")) return { z: Number(part.replace("at-", "")), refused: "" };
    return { [TYPES.includes(part) ? "type" : "name"]: part, refused: "" };
  }

  edited(input, rests) {
    if (input.value === "" && !rests) return {}; // a minus sign, say, is not yet a number
    const refused = input.type === "number" ? refusal(input) : "";
    return refused ? { refused } : { z: input.valueAsNumber || 0, refused };
  }

  show(rests) {
    const { name, z, type, refused } = this.state;
    const at = computed(name, z, type);
    for (const of of [...NAMES, ...TYPES]) this.part(of).setAttribute("aria-pressed", [name, type].includes(of));
    for (const place of PLACES) this.part(`at-${place}`).setAttribute("aria-pressed", place === z);
    this.part("z").value = z;
    this.part("z").setAttribute("aria-valuetext", plain(z));
    const input = this.live.querySelector("[data-path]");
    this.refuse(input, refused && `${refused} z is still ${plain(z)}.`);
    if (!refused && (rests || input !== document.activeElement)) input.value = z; // not under the fingers
    this.write("line-z", `z = np.${type}(${z})`);
    for (const of of ["f", "slope", "naive", "stable"]) {
      const line = LINES[name][of];
      this.write(`line-${of}`, line ? `${of} = ${line}` : "");
      this.write(of, line ? shown(at[of], type) : "");
    }
    this.part("naive").classList.toggle("wrong", at.off);
    const slope = shown(at.slope, type).replace("exactly ", "");
    const far = slope === "1" ? "as far" : `${slope} times as far`;
    this.write("seen", SEEN[regime(at)]({ type, far, slope, sign: z < 0 ? "−" : "" }));
    this.write("compared", COMPARED[name] ?? NOTHING);
    this.draw = () => {
      const { clientWidth, clientHeight } = this.part("picture");
      if (clientWidth) this.part("picture").innerHTML = this.picture(at, clientWidth, clientHeight);
    };
    this.draw();
    this.watch ??= new ResizeObserver(() => this.draw());
    this.watch.observe(this.part("picture"));
  }

  // The function and its slope, with the tangent at z, or an arrow to it at the edge.
  picture({ z, f, slope }, width, tall) {
    const { name } = this.state;
    const [low, high] = HEIGHTS[name] ?? TALL;
    const across = (x) => ((width * (x + SIDE)) / (2 * SIDE)).toFixed(1);
    const down = (y) => ((tall * (high - y)) / (high - low)).toFixed(1);
    const line = (kind, [x, y], [u, v]) => `<line class="${kind}" x1="${across(x)}" y1="${down(y)}" x2="${across(u)}" y2="${down(v)}"/>`;
    const text = (words, [x, y], by, kind = "") => `<text class="${kind}" x="${across(x)}" y="${down(y)}" dy="${by}">${words}</text>`;
    const curve = (of) => `<polyline class="${of}" points="${Array.from({ length: 321 }, (_, i) => (i - 160) / 20)
      .map((x) => `${across(x)},${down(computed(name, x, "float64")[of])}`).join(" ")}"/>`;
    const level = name === "tanh" ? [-1, 1] : [1];
    const axes = line("axis", [-SIDE, 0], [SIDE, 0]) + line("axis", [0, low], [0, high])
      + level.map((y) => line("level", [-SIDE, y], [SIDE, y]) + text(plain(y), [-0.15, y], -3)).join("")
      + [-4, 4].map((x) => text(plain(x), [x, 0], 12, "middle")).join("");
    const words = text(CALLED[name], high < SIDE ? [6.8, 1] : [5, 5.6], -5, "f")
      + text("slope", [6.8, computed(name, SIDE, "float64").slope], -5, "slope");
    const edge = Math.sign(z) * SIDE;
    const leaves = computed(name, edge, "float64").f;
    const beside = leaves === SIDE ? [[6.9, SIDE], 4] : [[edge * 0.97, leaves], z < 0 ? -9 : 17];
    const reach = Math.min(2.5, (0.3 * (high - low)) / slope);
    const ends = [Math.max(-SIDE, z - reach), Math.min(SIDE, z + reach)];
    const mark = Math.abs(z) <= SIDE
      ? line("tangent", ...ends.map((x) => [x, f + slope * (x - z)])) + `<circle cx="${across(z)}" cy="${down(f)}" r="4"/>`
      : `<path class="beyond" transform="translate(${across(edge)} ${down(leaves)}) scale(${Math.sign(z)} 1)" d="M0 0l-9-5v10z"/>`
        + text(`z = ${plain(this.state.z)}`, ...beside, z < 0 ? "start" : "");
    const label = "The function and its slope from −8 to 8, with the tangent at z. The numbers stand beside it.";
    return `<svg width="${width}" height="${tall}" role="img" aria-label="${label}">${axes}${curve("slope")}${curve("f")}${words}${mark}</svg>`;
  }

  summary() {
    const { name, z, type } = this.state;
    const text = (part) => this.part(part).textContent;
    const both = text("naive") && ` naive ${text("naive")}, stable ${text("stable")}.`;
    return `${CALLED[name]} in ${type}, z = ${plain(z)}: f ${text("f")}, slope ${text("slope")}. ${text("seen")} ${text("compared")}${both}`;
  }
}

customElements.define("smlp-activations", Activations);
