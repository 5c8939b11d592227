// One email: three features, both hidden neurons, what each term adds to the logit, and the probability.
// values: one_email.x one_email.W1 one_email.b1 one_email.W2 one_email.b2 one_email.pair one_email.doubtful one_email.reputation
import { Explorable, number } from "../explorable.js";
import { contributions, forward } from "../network.js";

const FEATURES = [
  ["exclamation marks", `type="range" min="0" max="10" step="1"`],
  ["contains “free”", `type="checkbox"`],
  ["sender’s reputation", `type="range" min="0" max="1" step="0.1"`],
];
// The census of the post: 0 to 10 marks, “free” or not, a reputation in tenths.
const EMAILS = Array.from({ length: 242 }, (_, i) => [Math.floor(i / 22), Math.floor(i / 11) % 2, (i % 11) / 10]);

const percent = (p) => `${number(100 * p, 1)}%`;
const signed = (v) => (v < 0 ? "" : "+") + number(v, 3);
const verdict = (p) => (p > 0.5 ? "spam: above 50%" : "let through: up to 50%");

class OneEmail extends Explorable {
  static title = "one email";

  start() {
    return { x: this.values.x[0] };
  }

  format({ x }) {
    return x.join("_");
  }

  parse(text) {
    const x = EMAILS.find((email) => email.join("_") === text);
    return x ? { x } : null;
  }

  tries() {
    return "Press <i>“free” alone</i> and raise the reputation: does the spam probability fall?";
  }

  does() {
    return "The two sliders and the tick make the email, the buttons bring those of the text, and <i>Reset</i> brings back the first.";
  }

  program() {
    return ["logit = np.maximum(0, x @ W1 + b1) @ W2 + b2", "p = 1 / (1 + np.exp(-logit))"];
  }

  body() {
    const { x, pair, doubtful, reputation } = this.values;
    this.presets = Object.entries({
      "the email": x[0], "“!!!” alone": pair[1], "“free” alone": pair[2], "neither": pair[0],
      [`reputation ${doubtful[0][2]}`]: doubtful[0], "“free”, trusted": reputation[1],
    });
    // One scale for all emails, so that a bar can be compared with the bar of another email.
    const sizes = EMAILS.flatMap((email) => Object.values(this.terms(email)));
    [this.low, this.high] = [Math.min(...sizes), Math.max(...sizes)];
    const choices = this.presets.map(([name], i) => `<button type="button" data-part="preset-${i}">${name}</button>`);
    const bar = (name) => `<span class="track" data-part="bar-${name}"><i></i></span><span class="value" data-part="term-${name}"></span>`;
    const features = FEATURES.map(([name, kind], i) => `
      <p class="feature"><label for="one-email-${i}">${name}</label><input id="one-email-${i}" data-part="${i}" ${kind}><span class="value" data-part="value-${i}"></span></p>
      <p class="term"><span data-part="slope-${i}"></span>${bar(i)}</p>`);
    const neurons = [0, 1].map((j) => `
      <p class="neuron"><span>neuron ${j + 1}</span><span data-part="z-${j}"></span><b data-part="fires-${j}"></b></p>`);
    return `<p class="choices" role="group" aria-label="Emails of the text">${choices.join("")}</p>
      <div class="rows" style="--zero: ${this.at(0)}%"><p class="over">the email</p><p class="over right">adds to the logit</p>
        ${features.join("")}${neurons.join("")}
        <p class="term"><span>biases</span>${bar("constant")}</p><p class="term sum"><span>logit</span>${bar("logit")}</p></div>
      <p class="result"><strong data-part="p"></strong><span>spam probability<br><b data-part="verdict"></b></span></p>`;
  }

  // The bars of an email by name: one for each feature, the biases, and their sum.
  terms(x) {
    const { terms, constant } = contributions(this.values, x);
    return { ...terms, constant, logit: forward(this.values, x).logit };
  }

  at(v) {
    return (100 * (v - this.low)) / (this.high - this.low);
  }

  pressed(button) {
    return { x: this.presets[button.dataset.part.replace("preset-", "")][1] };
  }

  edited(input) {
    return { x: this.state.x.with(input.dataset.part, input.type === "checkbox" ? Number(input.checked) : input.valueAsNumber) };
  }

  show() {
    const { x } = this.state;
    const { z, p } = forward(this.values, x);
    const { slopes } = contributions(this.values, x);
    x.forEach((v, i) => {
      this.part(i).value = v;
      this.part(i).checked = v === 1; // for the checkbox
      this.write(`value-${i}`, [String(v), v ? "yes" : "no", number(v, 1)][i]);
      this.write(`slope-${i}`, `× ${number(slopes[i], 2)}`);
    });
    for (const [name, v] of Object.entries(this.terms(x))) {
      const [from, to] = [this.at(Math.min(0, v)), this.at(Math.max(0, v))];
      this.part(`bar-${name}`).firstChild.style.cssText = `left: ${from}%; width: ${to - from}%`;
      this.part(`bar-${name}`).classList.toggle("minus", v < 0);
      this.write(`term-${name}`, signed(v));
    }
    z.forEach((z, j) => {
      this.write(`z-${j}`, `z = ${number(z, 2)}`);
      this.write(`fires-${j}`, z > 0 ? "fires" : "silent");
      this.part(`fires-${j}`).classList.toggle("on", z > 0);
    });
    this.write("p", percent(p));
    this.write("verdict", verdict(p));
    this.part("verdict").classList.toggle("on", p > 0.5);
    this.presets.forEach(([, email], i) => this.part(`preset-${i}`).setAttribute("aria-pressed", `${email}` === `${x}`));
  }

  summary() {
    const { z, logit, p } = forward(this.values, this.state.x);
    const neurons = z.map((z, j) => `neuron ${j + 1} ${z > 0 ? "fires" : "is silent"}`).join(", ");
    return `Spam probability ${percent(p)}, ${verdict(p)}. Logit ${number(logit, 3)}; ${neurons}.`;
  }
}

customElements.define("smlp-one-email", OneEmail);
