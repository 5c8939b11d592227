// One step downhill: a walk down x², or down a valley that is ten times as flat along as across; rate and momentum.
// values: slopes_and_steps.start slopes_and_steps.wide
import { Explorable, number, scientific } from "../explorable.js";
import { height, needed, regime, walk } from "./descent.js";

const RATES = [0.01, 1.2, 0.01];
const MOMENTA = [0, 0.95, 0.05];
const MOST = 40; // steps that are drawn
const SIDE = 3.6; // the picture reaches from −SIDE to SIDE
const SAID = {
  stays: "stays on its side and comes nearer",
  there: "is there after one step",
  crosses: "crosses over and comes nearer",
  forever: "goes to and fro, for ever",
  climbs: "lands farther and farther away",
};
const on = ([low, high, by], v) => v >= low && v <= high && Math.abs(v / by - Math.round(v / by)) < 1e-6;
const short = (v) => (v !== 0 && (Math.abs(v) < 0.001 || Math.abs(v) >= 1e4) ? scientific(v, 2) : number(v, 3));

class OneStepDownhill extends Explorable {
  static title = "one step downhill";

  start() {
    return { valley: "bowl", rate: 0.9, momentum: 0, n: 12 };
  }

  format({ valley, rate, momentum, n }) {
    return [valley, rate, momentum, n].join("_");
  }

  parse(text) {
    const [valley, ...rest] = text.split("_");
    const [rate, momentum, n] = rest.map(Number);
    const good = rest.length === 3 && ["square", "bowl"].includes(valley) && on(RATES, rate) && on(MOMENTA, momentum) && on([0, MOST, 1], n);
    return good ? { valley, rate, momentum, n } : null;
  }

  tries() {
    return "Find the rate at which <i>x²</i> starts to climb, then cross the long valley in fewer steps with momentum.";
  }

  does() {
    return `The first two buttons choose the valley, the sliders the rate, the momentum, and how many steps are drawn;
      <i>One step</i> draws one more, <i>Back</i> one less. <i>Reset</i> brings back the start.`;
  }

  program() {
    return ["v = momentum * v + curvature * place  # curvature * place is the slope", "place = place - rate * v"];
  }

  body() {
    const valleys = [["square", "x²"], ["bowl", `x²/${this.values.wide} + y²`]].map(([of, name]) =>
      `<button type="button" data-part="valley-${of}">${name}</button>`);
    const slider = (name, label, [low, high, by]) => `<p class="slide"><label for="downhill-${name}">${label}</label>
      <input id="downhill-${name}" type="range" min="${low}" max="${high}" step="${by}" data-part="${name}"><span class="value" data-part="value-${name}"></span></p>`;
    return `<p class="choices" role="group" aria-label="Valley">${valleys.join("")}</p>
      <div class="both"><div data-part="picture"></div><div class="said">
        ${slider("rate", "rate", RATES)}${slider("momentum", "momentum", MOMENTA)}${slider("n", "steps", [0, MOST, 1])}
        <p class="walk"><button type="button" data-part="back">‹ Back</button><button type="button" data-part="more">One step ›</button><span>curvature <b data-part="curvature"></b></span></p>
        <p><span data-part="after"></span> <b data-part="place"></b></p><p>height <b data-part="height"></b></p>
        <p data-part="regime"></p><p>A thousand times nearer: <b data-part="needed"></b></p></div></div>`;
  }

  // The curvatures of the valley and where a walk in it begins.
  valley(name = this.state.valley) {
    const { start, wide } = this.values;
    return name === "square" ? { curvatures: [2], from: [start] } : { curvatures: [2 / wide, 2], from: [start, start] };
  }

  pressed({ dataset: { part } }) {
    if (part === "more") return { n: Math.min(MOST, this.state.n + 1) };
    if (part === "back") return { n: Math.max(0, this.state.n - 1) };
    return { valley: part.replace("valley-", "") };
  }

  edited({ dataset: { part }, valueAsNumber }) {
    return { [part]: valueAsNumber };
  }

  show() {
    const { valley, rate, momentum, n } = this.state;
    const { curvatures, from } = this.valley();
    const places = walk(curvatures, from, rate, momentum, n);
    const place = places.at(-1);
    for (const of of ["square", "bowl"]) this.part(`valley-${of}`).setAttribute("aria-pressed", of === valley);
    for (const [name, digits] of [["rate", 2], ["momentum", 2], ["n", 0]]) {
      this.part(name).value = this.state[name];
      this.write(`value-${name}`, number(this.state[name], digits));
    }
    this.part("more").setAttribute("aria-disabled", n === MOST);
    this.part("back").setAttribute("aria-disabled", n === 0);
    this.write("curvature", curvatures.length === 1 ? "2" : `(${curvatures.map((c) => number(c, 1)).join(", ")})`);
    this.write("after", `after ${n} step${n === 1 ? "" : "s"}`);
    this.write("place", place.map((v, i) => `${"xy"[i]} = ${short(v)}`).join(", "));
    this.write("height", short(height(curvatures, place)));
    this.write("regime", curvatures.map((c, i) => `${"xy"[i]} ${SAID[regime(c, rate, momentum)]}`).join("; ") + ".");
    const steps = needed(curvatures, from, rate, momentum);
    this.write("needed", steps === Infinity ? "never" : `${steps} step${steps === 1 ? "" : "s"}`);
    this.draw = () => {
      const width = this.part("picture").clientWidth;
      if (width) this.part("picture").innerHTML = this.picture(places, width);
    };
    this.draw();
    this.watch ??= new ResizeObserver(() => this.draw());
    this.watch.observe(this.part("picture"));
  }

  // The valley from the side, or from above, with the walk in it.
  picture(places, width) {
    const tall = Math.round(width * 0.72);
    const across = (x) => (width * (x + SIDE)) / (2 * SIDE);
    const square = this.state.valley === "square";
    const top = 13; // of the parabola
    const down = (y) => (square ? tall - 8 - ((tall - 16) * y) / top : (tall * (SIDE - y)) / (2 * SIDE));
    const points = places.map(([x, y]) => [x, square ? x * x : y]).filter((at) => at.every((v) => Math.abs(v) < 1e3));
    const path = (list) => list.map(([x, y]) => `${across(x).toFixed(1)},${down(y).toFixed(1)}`).join(" ");
    const line = (list) => `<polyline class="ground" points="${path(list)}"/>`;
    const between = (edge) => Array.from({ length: 73 }, (_, i) => ((i - 36) / 36) * edge);
    // Where x²/wide + y² is the level, above and below the middle, as far as the picture goes.
    const contour = (level) => {
      const half = between(Math.min(SIDE, Math.sqrt(this.values.wide * level)))
        .map((x) => [x, Math.sqrt(Math.max(0, level - (x * x) / this.values.wide))]);
      return line(half) + line(half.map(([x, y]) => [x, -y]));
    };
    const parabola = () => line(between(SIDE).map((x) => [x, x * x]));
    const ground = square ? parabola() : [0.1, 0.4, 1, 2, 4, 7, 11].map(contour).join("");
    const dots = points.map(([x, y], i) => `<circle class="${i ? "" : "first"}" cx="${across(x).toFixed(1)}" cy="${down(y).toFixed(1)}" r="${i ? 3 : 5}"/>`);
    return `<svg width="${width}" height="${tall}" role="img" aria-label="The walk in the valley. Its numbers stand beside it.">${ground}
      <polyline class="path" points="${path(points)}"/>${dots.join("")}</svg>`;
  }

  summary() {
    const text = (name) => this.part(name).textContent;
    return `${text("after")}: ${text("place")}, height ${text("height")}. ${text("regime")} A thousand times nearer: ${text("needed")}.`;
  }
}

customElements.define("smlp-one-step-downhill", OneStepDownhill);
