// Forward, backward: the network of one email as a graph, one step at a time; every weight can be changed.
// values: one_email.x one_email.W1 one_email.b1 one_email.W2 one_email.b2 one_email.y one_email.lr
import { Explorable, field, number, refusal, refusedLine, scientific } from "../explorable.js";
import { graph } from "./graph.js";
import { backward, forward, loss, sigmoid, step } from "../network.js";

const FEATURES = ["marks", "“free”", "reputation"];
const RANGE = [-5, 5]; // of a weight; so far out all values are finite, and every number keeps its place
const SPAN = RANGE.map((v) => number(v, 0)).join(" to ");
const fits = (w) => w >= RANGE[0] && w <= RANGE[1];

const plain = (v) => number(v, 4).replace(/\.?0*$/, ""); // always with a point before
const short = (v) => (v !== 0 && (Math.abs(v) < 0.001 || Math.abs(v) >= 1e4) ? scientific(v, 2) : plain(v));
const chance = (p, rest) => (rest < 0.001 ? `(1 − ${short(rest)})` : short(p)); // near 1 the digits are those of the rest
const factor = (v) => (short(v).startsWith("−") ? `(${short(v)})` : short(v));
const row = (v) => `(${v.map(short).join(", ")})`;
const column = (W, j) => W.map((w) => w[j]);
const dot = (x, w, b) => x.map((v, i) => `${factor(v)} · ${factor(w[i])}`).concat(factor(b)).join(" + ");
const each = (list, line) => list.map((v, j) => `neuron ${j + 1}: ${line(v, j)}`);
const truth = (s) => (s.y ? chance(s.p, s.rest) : chance(s.rest, s.p)); // the probability of what the email is

// The steps: name, line of code, what it computes (this lights up in the graph), and the same line in numbers. Those of
// the way back are the six of the post.
const STEPS = [
  ["The email goes in", "x, y", "x", (s) => [`x = ${row(s.x)}, y = ${s.y}`]],
  ["Forward: the hidden sums", "z = x @ W1 + b1", "z W1", (s) => each(s.z, (z, j) => `${dot(s.x, column(s.W1, j), s.b1[j])} = ${short(z)}`)],
  ["Forward: the ReLU", "h = np.maximum(0, z)", "h", (s) => each(s.z, (z, j) => `max(0, ${short(z)}) = ${short(s.h[j])}, ${z > 0 ? "it fires" : "silent"}`)],
  ["Forward: the logit", "logit = h @ W2 + b2", "logit W2", (s) => [`${dot(s.h, column(s.W2, 0), s.b2[0])} = ${short(s.logit)}`]],
  ["Forward: the probability", "p = 1 / (1 + np.exp(-logit))", "p", (s) => [`1 / (1 + exp(${short(-s.logit)})) = ${chance(s.p, s.rest)}`]],
  ["Forward: the loss", (s) => (s.y ? "loss = -np.log(p)" : "loss = -np.log(1 - p)"), "loss L", (s) => [`−log ${truth(s)} = ${short(s.loss)}`]],
  ["Backward: through the loss", (s) => (s.y ? "dp = -1 / p" : "dp = 1 / (1 - p)"), "dp L", (s) => [`${s.y ? "−1" : "1"} / ${truth(s)} = ${short(s.dp)}`]],
  ["Backward: through the sigmoid", "dlogit = dp * (p * (1 - p))  # p - y", "dlogit", (s) => [`${short(s.dp)} · ${short(s.p * s.rest)} = ${short(s.dlogit)}`]],
  ["Backward: to the output weights", "dW2, db2 = h.T @ dlogit, dlogit[0]", "dW2 db2", (s) => [
    ...each(s.h, (h, j) => `${short(h)} · ${factor(s.dlogit)} = ${short(s.dW2[j][0])}`), `bias: what arrives, ${short(s.db2[0])}`]],
  ["Backward: to the hidden values", "dh = dlogit @ W2.T", "dh W2", (s) => each(s.dh, (d, j) => `${short(s.dlogit)} · ${factor(s.W2[j][0])} = ${short(d)}`)],
  ["Backward: through the ReLU", "dz = dh * (z > 0)", "dz", (s) => each(s.dz, (d, j) => `${short(s.dh[j])} · ${s.z[j] > 0 ? "1 (it fires)" : "0 (silent)"} = ${short(d)}`)],
  ["Backward: to the first weights", "dW1, db1 = x.T @ dz, dz[0]", "dW1 db1", (s) => [
    ...each(s.dz, (d, j) => `${row(s.x)} · ${factor(d)} = ${row(column(s.dW1, j))}`), `biases: what arrives, ${row(s.db1)}`]],
];
const LAST = STEPS.length - 1;
const computed = (at) => STEPS[at][2].split(" ");

class ForwardBackward extends Explorable {
  static title = "forward, backward";

  start() {
    const { y, W1, b1, W2, b2 } = structuredClone(this.values);
    return { at: 0, y, net: { W1, b1, W2, b2 }, before: null, refused: {} };
  }

  // Step, label, and the weights where they are not those of the start.
  format({ at, y, net }) {
    const weights = (of) => Object.values(of).flat(2).map((v) => Number(v.toFixed(6)));
    const changed = `${weights(net)}` !== `${weights(this.start().net)}`;
    return [at, y, ...(changed ? weights(net) : [])].join("_");
  }

  parse(text) {
    const [at, y, ...weights] = text.split("_").map(Number);
    const whole = weights.length === 0 || weights.length === 11;
    if (!STEPS[at] || (y !== 0 && y !== 1) || !whole || !weights.every(fits)) return null;
    const state = { ...this.start(), at, y };
    const fill = (list) => list.forEach((v, i) => (Array.isArray(v) ? fill(v) : (list[i] = weights.shift())));
    if (weights.length) fill(Object.values(state.net));
    return state;
  }

  tries() {
    return "Walk to the end, then change a weight: which slopes follow?";
  }

  does() {
    return `<i>Next step</i>, <i>Back</i> and the slider walk. A field holds a weight from ${SPAN}; after ∂ stands the slope of
      the loss in it. The circles say what the email is. <i>One step</i> moves all weights by −${this.values.lr} times their
      slopes. <i>Reset</i> brings back the numbers of the text.`;
  }

  body() {
    const cell = (path, label) => `<span class="cell">${field(path, label, RANGE)}<span data-part="d${path}"></span></span>`;
    const line = (name, cells) => `<span>${name}</span>${cells.map((of) => cell(...of)).join("")}${cells.map(([path]) => refusedLine(path)).join("")}`;
    const first = [...FEATURES, "bias"].map((name, i) => line(name, [0, 1].map((j) => [i < 3 ? `W1.${i}.${j}` : `b1.${j}`, `${name} to neuron ${j + 1}`])));
    const last = ["neuron 1", "neuron 2", "bias"].map((name, i) => line(name, [[i < 2 ? `W2.${i}.0` : "b2.0", `${name} to the output`]]));
    const labels = [[1, "spam, y = 1"], [0, "not spam, y = 0"]].map(([y, name]) =>
      `<label><input type="radio" name="forward-backward-y" value="${y}" data-part="y-${y}"> ${name}</label>`);
    return `<div data-part="graph"></div>
      <p class="walk"><button type="button" data-part="back">‹ Back</button><input type="range" min="0" max="${LAST}" data-part="at"
        aria-label="Step"><button type="button" data-part="next">Next step ›</button></p>
      <p class="said"><b data-part="name"></b><code data-part="code"></code><span data-part="lines"></span></p>
      <div class="weights"><div><span>W1, b1</span><span>neuron 1</span><span>neuron 2</span>${first.join("")}</div>
        <div class="last"><span>W2, b2</span><span>output</span>${last.join("")}</div></div>
      <p class="learn"><span role="radiogroup" aria-label="The email is">${labels.join("")}</span>
        <button type="button" data-part="learn">One step with rate ${this.values.lr}</button><span>loss <b data-part="loss"></b></span>
        <span class="refused" aria-live="polite" data-part="refused-step"></span></p>`;
  }

  // Every value of both passes.
  passes() {
    const { y, net } = this.state;
    const [x] = this.values.x;
    const values = forward(net, x);
    return { x, y, ...net, ...values, rest: sigmoid(-values.logit), loss: loss(values.logit, y), ...backward(net, x, y, values) };
  }

  pressed({ dataset: { part } }) {
    const { at, net } = this.state;
    const { step: _, ...refused } = this.state.refused;
    if (part === "back") return { at: Math.max(0, at - 1), refused };
    if (part === "next") return { at: Math.min(LAST, at + 1), refused };
    const s = this.passes();
    const next = step(net, s, this.values.lr);
    if (Object.values(next).flat(2).every(fits)) return { net: next, before: s.loss, refused };
    return { refused: { ...refused, step: `This step would take a weight out of its range, from ${SPAN}, so it is not made.` } };
  }

  edited(input, rests) {
    const { step: _, ...refused } = this.state.refused;
    if (input.type === "range") return { at: input.valueAsNumber, refused };
    if (input.type === "radio") return { y: Number(input.value), before: null, refused };
    if (input.value === "" && !rests) return {}; // a minus sign, say, is not yet a number
    const { path } = input.dataset;
    const words = refusal(input);
    if (words) return { refused: { ...refused, [path]: words } };
    delete refused[path];
    const net = structuredClone(this.state.net);
    const steps = path.split(".");
    const last = steps.pop();
    steps.reduce((v, i) => v[i], net)[last] = input.valueAsNumber;
    return { net, before: null, refused };
  }

  show(rests) {
    const { at, y, before, refused } = this.state;
    const s = this.passes();
    const [name, code, , lines] = STEPS[at];
    const known = (value) => STEPS.findIndex((_, i) => computed(i).includes(value)) <= at;
    this.write("name", `${at}. ${name}`);
    this.write("code", typeof code === "string" ? code : code(s));
    this.part("lines").replaceChildren(...lines(s).map((line) => Object.assign(document.createElement("span"), { textContent: line })));
    this.write("loss", (before === null ? "" : `${short(before)} → `) + short(s.loss));
    for (const input of this.live.querySelectorAll("[data-path]")) {
      const [group, ...path] = input.dataset.path.split(".");
      const follow = (values) => path.reduce((v, i) => v[i], values);
      const held = follow(s[group]);
      const words = refused[input.dataset.path] ?? "";
      this.refuse(input, words && `${words} The network still has ${short(held)}.`);
      const other = !words && input.valueAsNumber !== held && (rests || input !== document.activeElement); // not under the fingers
      if (other) input.value = Number(held.toFixed(4));
      this.write(`d${input.dataset.path}`, known(`d${group}`) ? `∂ ${short(follow(s[`d${group}`]))}` : "\u00a0");
      input.parentElement.classList.toggle("lit", computed(at).includes(`d${group}`));
    }
    this.write("refused-step", refused.step ?? "");
    this.part(`y-${y}`).checked = true;
    this.part("at").value = at;
    this.part("at").setAttribute("aria-valuetext", name);
    this.part("back").setAttribute("aria-disabled", at === 0);
    this.part("next").setAttribute("aria-disabled", at === LAST);

    this.draw = () => {
      const width = this.part("graph").clientWidth;
      const unit = parseFloat(getComputedStyle(this.live).fontSize) / 13;
      const way = name.startsWith("Backward") ? "backward" : "forward";
      if (width) this.part("graph").innerHTML = graph(s, { features: FEATURES, known, lit: computed(at), way, width, unit });
    };
    this.draw();
    this.watch ??= new ResizeObserver(() => this.draw());
    this.watch.observe(this.part("graph"));
  }

  summary() {
    const [name, , , lines] = STEPS[this.state.at];
    return `Step ${this.state.at}: ${name}. ${lines(this.passes()).join("; ")}. Loss ${this.part("loss").textContent}.`;
  }
}

customElements.define("smlp-forward-backward", ForwardBackward);
