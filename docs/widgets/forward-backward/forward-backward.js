// Forward, backward: the network of one email as a graph, one step at a time; every weight can be changed.
// values: one_email.x one_email.W1 one_email.b1 one_email.W2 one_email.b2 one_email.y one_email.lr
import { Explorable, number } from "../explorable.js";
import { graph } from "./graph.js";
import { backward, forward, loss, step } from "../network.js";

const FEATURES = ["marks", "“free”", "reputation"];
const LIMIT = 9.99; // of a weight, so that every number keeps its place

const short = (v) => number(v, 4).replace(/\.?0*$/, ""); // always with a point before
const factor = (v) => (short(v).startsWith("−") ? `(${short(v)})` : short(v));
const row = (v) => `(${v.map(short).join(", ")})`;
const column = (W, j) => W.map((w) => w[j]);
const dot = (x, w, b) => x.map((v, i) => `${factor(v)} · ${factor(w[i])}`).concat(factor(b)).join(" + ");
const each = (list, line) => list.map((v, j) => `neuron ${j + 1}: ${line(v, j)}`);

// The steps: name, line of code, what it computes (this lights up in the graph), and the same line in numbers.
const STEPS = [
  ["The email goes in", "x, y", "x", (s) => [`x = ${row(s.x)}, y = ${s.y}`]],
  ["Forward: the hidden sums", "z = x @ W1 + b1", "z W1", (s) => each(s.z, (z, j) => `${dot(s.x, column(s.W1, j), s.b1[j])} = ${short(z)}`)],
  ["Forward: the rectifier", "h = np.maximum(0, z)", "h", (s) => each(s.z, (z, j) => `max(0, ${short(z)}) = ${short(s.h[j])}, ${z > 0 ? "it fires" : "silent"}`)],
  ["Forward: the logit", "logit = h @ W2 + b2", "logit W2", (s) => [`${dot(s.h, column(s.W2, 0), s.b2[0])} = ${short(s.logit)}`]],
  ["Forward: the probability", "p = 1 / (1 + np.exp(-logit))", "p", (s) => [`1 / (1 + exp(${short(-s.logit)})) = ${short(s.p)}`]],
  ["Forward: the loss", (s) => (s.y ? "loss = -np.log(p)" : "loss = -np.log(1 - p)"), "loss L", (s) => [`−log ${short(s.y ? s.p : 1 - s.p)} = ${short(s.loss)}`]],
  ["Backward: δ at the output", "dlogit = p - y", "dlogit L", (s) => [`${short(s.p)} − ${s.y} = ${short(s.dlogit)}`]],
  ["Backward: the last weights", "dW2 = h.T @ dlogit", "dW2", (s) => each(s.h, (h, j) => `${short(h)} · ${factor(s.dlogit)} = ${short(s.dW2[j][0])}`)],
  ["Backward: the last bias", "db2 = dlogit", "db2 dlogit", (s) => [`it is the δ of the output: ${short(s.db2[0])}`]],
  ["Backward: δ at the hidden layer", "dz = dlogit @ W2.T * (z > 0)", "dz W2", (s) => each(s.z, (z, j) => `${short(s.dlogit)} · ${factor(s.W2[j][0])} · ${z > 0 ? "1 (it fires)" : "0 (silent)"} = ${short(s.dz[j])}`)],
  ["Backward: the first weights", "dW1 = x.T @ dz", "dW1", (s) => each(s.dz, (d, j) => `${row(s.x)} · ${factor(d)} = ${row(column(s.dW1, j))}`)],
  ["Backward: the first biases", "db1 = dz", "db1 dz", (s) => each(s.db1, (d) => `its δ: ${short(d)}`)],
];
const LAST = STEPS.length - 1;
const computed = (at) => STEPS[at][2].split(" ");

class ForwardBackward extends Explorable {
  static title = "forward, backward";

  start() {
    const { y, W1, b1, W2, b2 } = structuredClone(this.values);
    return { at: 0, y, net: { W1, b1, W2, b2 }, before: null };
  }

  // Step, label, and the weights where they are not those of the start.
  format({ at, y, net }) {
    const weights = (of) => Object.values(of).flat(2).map((v) => Number(v.toFixed(6)));
    const changed = `${weights(net)}` !== `${weights(this.start().net)}`;
    return [at, y, ...(changed ? weights(net) : [])].join("_");
  }

  parse(text) {
    const [at, y, ...weights] = text.split("_").map(Number);
    const fits = (weights.length === 0 || weights.length === 11) && weights.every((w) => Math.abs(w) <= LIMIT);
    if (!STEPS[at] || (y !== 0 && y !== 1) || !fits) return null;
    const state = { ...this.start(), at, y };
    const fill = (list) => list.forEach((v, i) => (Array.isArray(v) ? fill(v) : (list[i] = weights.shift())));
    if (weights.length) fill(Object.values(state.net));
    return state;
  }

  body() {
    const cell = (label, path) => `<span class="cell"><input type="number" step="0.1" min="${-LIMIT}" max="${LIMIT}" aria-label="${label}"
      data-path="${path}"><span data-part="d${path}"></span></span>`;
    const first = [...FEATURES, "bias"].map((name, i) => `<span>${name}</span>` +
      [0, 1].map((j) => cell(`${name} to neuron ${j + 1}`, i < 3 ? `W1.${i}.${j}` : `b1.${j}`)).join(""));
    const last = ["neuron 1", "neuron 2", "bias"].map((name, i) => `<span>${name}</span>${cell(`${name} to the output`, i < 2 ? `W2.${i}.0` : "b2.0")}`);
    const labels = [[1, "spam, y = 1"], [0, "not spam, y = 0"]].map(([y, name]) =>
      `<label><input type="radio" name="forward-backward-y" value="${y}" data-part="y-${y}"> ${name}</label>`);
    return `<div data-part="graph"></div>
      <p class="walk"><button type="button" data-part="back">‹ Back</button><input type="range" min="0" max="${LAST}" data-part="at"
        aria-label="Step"><button type="button" data-part="next">Next step ›</button></p>
      <p class="said"><b data-part="name"></b><code data-part="code"></code><span data-part="lines"></span></p>
      <div class="weights"><div><span>W1, b1</span><span>neuron 1</span><span>neuron 2</span>${first.join("")}</div>
        <div class="last"><span>W2, b2</span><span>output</span>${last.join("")}</div></div>
      <p class="learn"><span role="radiogroup" aria-label="The email is">${labels.join("")}</span>
        <button type="button" data-part="learn">One step with rate ${this.values.lr}</button><span>loss <b data-part="loss"></b></span></p>`;
  }

  // Every value of both passes.
  passes() {
    const { y, net } = this.state;
    const [x] = this.values.x;
    const values = forward(net, x);
    return { x, y, ...net, ...values, loss: loss(values.logit, y), ...backward(net, x, y, values) };
  }

  pressed({ dataset: { part } }) {
    const { at, net } = this.state;
    if (part === "back") return { at: Math.max(0, at - 1) };
    if (part === "next") return { at: Math.min(LAST, at + 1) };
    const s = this.passes();
    return { net: step(net, s, this.values.lr), before: s.loss };
  }

  edited(input) {
    if (input.type === "range") return { at: input.valueAsNumber };
    if (input.type === "radio") return { y: Number(input.value), before: null };
    if (Number.isNaN(input.valueAsNumber)) return {}; // a minus sign, say, is not yet a number
    const net = structuredClone(this.state.net);
    const path = input.dataset.path.split(".");
    const last = path.pop();
    path.reduce((v, i) => v[i], net)[last] = Math.max(-LIMIT, Math.min(LIMIT, input.valueAsNumber));
    return { net, before: null };
  }

  show(rests) {
    const { at, y, before } = this.state;
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
      if (rests || input !== document.activeElement) input.value = Number(follow(s[group]).toFixed(4)); // not under the fingers
      this.write(`d${input.dataset.path}`, known(`d${group}`) ? `∂ ${short(follow(s[`d${group}`]))}` : "\u00a0");
      input.parentElement.classList.toggle("lit", computed(at).includes(`d${group}`));
    }
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
