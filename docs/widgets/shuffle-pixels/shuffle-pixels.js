// Shuffle the pixels: a handwritten digit whose pixels change places by degrees, and what three contestants say about it.
// values: shuffle_by_degrees.degrees shuffle_by_degrees.n_test
// data: shuffle_by_degrees
import { cnn, mlp, softmax } from "./convolution.js";
import { Explorable, number } from "../explorable.js";

// A row of numbers comes as text. If the file cannot be had, nothing is defined, and the static figure stays.
const file = await fetch(new URL("shuffle-pixels.json", import.meta.url));
if (!file.ok) throw new Error(`${file.url}: ${file.status}`);
const numbers = (key, value) => (typeof value === "string" ? value.split(" ").map(Number) : value);
const { networks: held, mean, sd } = JSON.parse(await file.text(), numbers);

const CLASSES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const NAMES = { mlp: "MLP", cnn: "CNN", rows: "MLP, rows moved" };
const percent = (p) => `${number(100 * p, 1)}%`;
const probability = (p) => (p > 0.9995 ? "p > 99.9%" : `p = ${percent(p)}`); // nothing is certain

// Where each pixel's new value comes from: the first n of the sequence hand theirs to the next, in a cycle.
function places(n) {
  const source = held.sequence.map((_, k) => k);
  for (let i = 0; i < n; i++) source[held.sequence[(i + 1) % n]] = held.sequence[i];
  return source;
}

// The pixels of a digit once n of them have moved, and the probabilities of the classes by contestant.
export function judged(digit, n) {
  const source = places(n);
  const moved = (rows) => source.map((k) => rows[k]);
  const pixels = moved(held.digits[digit]); // (64,)
  const x = pixels.map((v) => v * held.scale);
  const logits = { mlp: mlp(held.mlp, x), cnn: cnn(held.cnn, x), rows: mlp({ ...held.mlp, W1: moved(held.mlp.W1) }, x) };
  const p = Object.fromEntries(Object.entries(logits).map(([name, z]) => [name, softmax(z)]));
  return { source, pixels, logits, p };
}

class ShufflePixels extends Explorable {
  static title = "shuffle the pixels";

  start() {
    return { digit: 0, n: 0 };
  }

  format({ digit, n }) {
    return `${digit}_${n}`;
  }

  parse(text) {
    const [digit, n] = text.split("_").map(Number);
    const fits = CLASSES.includes(digit) && this.values.degrees.includes(n);
    return fits && text === this.format({ digit, n }) ? { digit, n } : null;
  }

  tries() {
    return "Drag the slider to the right: where does each of the three stop seeing the digit?";
  }

  does() {
    return `The buttons choose a digit, the slider says how many of its pixels change places, and <i>Reset</i> brings back
      the 0 in order. In the code, <code>source</code> says from where each pixel comes.`;
  }

  program() {
    return ["x = digit[source]", "mlp = np.maximum(0, x @ W1 + b1) @ W2 + b2", "rows = np.maximum(0, x @ W1[source] + b1) @ W2 + b2",
      "cnn = net.forward(x.reshape(1, 1, 8, 8))"];
  }

  body() {
    const { degrees } = this.values;
    const choices = CLASSES.map((k) => `<button type="button" data-part="digit-${k}" aria-label="a handwritten ${k}">${k}</button>`);
    const bars = CLASSES.map((k) => `<span><i></i><small>${k}</small></span>`).join("");
    const contestants = Object.entries(NAMES).map(([name, says]) => `<div class="contestant"><b>${says}</b>
      <p class="says"><strong data-part="answer-${name}"></strong><span><b data-part="verdict-${name}"></b><span data-part="p-${name}"></span></span></p>
      <p class="bars" role="img" data-part="bars-${name}">${bars}</p><p class="record" data-part="record-${name}"></p></div>`);
    return `<p class="choices" role="group" aria-label="The digit">${choices.join("")}</p>
      <div class="arena"><div data-part="image"></div>
        <p class="amount"><label for="shuffle-pixels-n">pixels moved</label><input id="shuffle-pixels-n" type="range" data-part="n"
          min="${degrees[0]}" max="${degrees.at(-1)}" step="${degrees[1]}"><span class="value" data-part="amount"></span></p>
        ${contestants.join("")}</div>`;
  }

  pressed(button) {
    return { digit: Number(button.dataset.part.replace("digit-", "")) };
  }

  edited(input) {
    return { n: input.valueAsNumber };
  }

  // What each contestant says: its probabilities, its answer, whether that is right, and the same in words.
  answers(p) {
    return Object.entries(p).map(([name, p]) => {
      const answer = p.indexOf(Math.max(...p));
      const verdict = answer === this.state.digit ? "right" : "wrong";
      return { name, p, answer, verdict, said: probability(p[answer]) };
    });
  }

  show() {
    const { digit, n } = this.state;
    const { degrees, n_test } = this.values;
    const all = degrees.at(-1);
    const at = degrees.indexOf(n);
    const share = `${number((100 * n) / all, 0)}%`;
    const { source, pixels, p } = judged(digit, n);
    const cells = pixels.map((v, k) => {
      const [x, y] = [k % 8, Math.floor(k / 8)];
      const mark = source[k] === k ? "" : `<circle cx="${x + 0.5}" cy="${y + 0.5}" r="0.11"/>`;
      return `<rect x="${x}" y="${y}" width="1" height="1" fill-opacity="${v * held.scale}"/>${mark}`;
    });
    this.part("image").innerHTML = `<svg viewBox="0 0 8 8" role="img" aria-label="A handwritten ${digit}; ${n} of its ${all} pixels have moved.">${cells.join("")}</svg>`;
    this.part("n").value = n;
    this.part("n").setAttribute("aria-valuetext", `${n} of ${all} pixels, ${share}`);
    this.write("amount", `${n} of ${all}, ${share}`);
    CLASSES.forEach((k) => this.part(`digit-${k}`).setAttribute("aria-pressed", k === digit));
    for (const { name, p: shares, answer, verdict, said } of this.answers(p)) {
      this.write(`answer-${name}`, answer);
      this.write(`verdict-${name}`, verdict);
      this.part(`verdict-${name}`).className = verdict;
      this.write(`p-${name}`, said);
      this.write(`record-${name}`, `of ${n_test}: ${percent(mean[name][at])} ± ${percent(sd[name][at])}`);
      this.part(`bars-${name}`).setAttribute("aria-label", `Probabilities: ${shares.map((v, k) => `${k}: ${percent(v)}`).join(", ")}`);
      [...this.part(`bars-${name}`).children].forEach((bar, k) => {
        bar.className = `${k === answer ? "said" : ""} ${k === digit ? "true" : ""}`;
        bar.firstChild.style.height = `${100 * shares[k]}%`;
      });
    }
  }

  summary() {
    const { digit, n } = this.state;
    const said = this.answers(judged(digit, n).p).map(({ name, answer, verdict, said }) => `${NAMES[name]}: ${answer}, ${verdict}, ${said}`);
    return `A ${digit}, ${this.part("n").getAttribute("aria-valuetext")} moved. ${said.join("; ")}.`;
  }
}

customElements.define("smlp-shuffle-pixels", ShufflePixels);
