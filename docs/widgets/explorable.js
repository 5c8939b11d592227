// What all explorables share: the recorded values that the build wrote into the page, the head of the card, the state
// in the link, and a line for those who hear the page. An explorable is a custom element. What stands inside it in the
// page is its static figure; the style sheet hides it once `data-ready` is set, and shows it again in print.

// A number as the posts write it: a true minus sign, and none before nothing.
export const number = (v, digits) => v.toFixed(digits).replace(/^-(?=0(\.0*)?$)/, "").replace("-", "−");

// The same where it is too small or too large for its digits to show it: 1.2e−5.
export const scientific = (v, digits) => v.toExponential(digits).replace("e+", "e").replaceAll("-", "−");

// A number field with a range, and the line that says so when it is given something else; the line stands below its row.
export const field = (path, label, [low, high]) => `<input type="number" step="0.1" min="${low}" max="${high}" data-path="${path}"
  aria-label="${label}" aria-describedby="refused-${path}">`;
export const refusedLine = (path) => `<span class="refused" aria-live="polite" id="refused-${path}" data-part="refused-${path}"></span>`;

// What is wrong with what stands in such a field, in words; nothing if it can be taken. The field is left as it is.
export function refusal({ value, min, max, validity }) {
  const range = `a number from ${number(Number(min), 0)} to ${number(Number(max), 0)} can stand here`;
  if (value === "") return `This is no number; ${range}.`;
  return validity.rangeOverflow || validity.rangeUnderflow ? `${value.replaceAll("-", "−")} is out of range; ${range}.` : "";
}

export class Explorable extends HTMLElement {
  // A subclass has a `title`, and says: start(), its first state; format(state), a text of [A-Za-z0-9._-], and
  // parse(text), the state again, or null; tries(), a sentence that says what to try, and does(), what each control
  // does; program(), the lines of NumPy that it computes, if they do not stand in its body; body(), the HTML; pressed(button) and edited(input, rests), what they change in the state; show(), which
  // brings the page up to the state; summary(), the state in a sentence.
  connectedCallback() {
    addEventListener("popstate", this); // calls handleEvent
    if (this.live) return; // moved within the page, not new
    this.path = location.pathname;
    const { title } = this.constructor;
    this.values = JSON.parse(this.dataset.values);
    this.live = Object.assign(document.createElement("div"), { className: "live" });
    this.live.setAttribute("role", "group");
    this.live.setAttribute("aria-label", title);
    this.live.innerHTML = `<p class="head"><b>Try it: ${title}</b><span>state is in the link</span>
      <button type="button" data-do="reset">Reset</button></p>
      <p class="tries">${this.tries()} <span>${this.does()}</span></p><p class="refused" aria-live="polite" data-part="unread"></p>
      ${this.body()}<p class="lines">${this.program().map((line) => `<code>${line}</code>`).join("")}</p><p class="spoken" role="status"></p>`;
    this.append(this.live);
    const asked = new URLSearchParams(location.search).get(this.key);
    const held = this.parse(asked ?? "");
    this.state = held ?? this.start();
    if (asked !== null && !held) this.write("unread", "The link asks for something that cannot be shown here. This is the start.");
    this.live.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) this.change(button.dataset.do === "reset" ? this.start() : this.pressed(button), true);
    });
    // While something is dragged the numbers follow; the link and the spoken line wait until it rests.
    for (const kind of ["input", "change"])
      this.live.addEventListener(kind, ({ target }) => this.change(this.edited(target, kind === "change"), kind === "change"));
    this.show(true);
    this.dataset.ready = "";
    // What is hidden is not fetched, and print does not wait.
    for (const image of this.querySelectorAll(".fallback .only-light img")) image.loading = "eager";
  }

  disconnectedCallback() {
    removeEventListener("popstate", this);
  }

  // After instant navigation the theme's anchors know no query, so a jump within the page would lose the state.
  handleEvent() {
    if (location.pathname === this.path) this.keep();
  }

  get key() {
    return this.localName.replace("smlp-", "");
  }

  program() {
    return [];
  }

  // The element that holds a part: a number, a bar, an input.
  part(name) {
    return this.live.querySelector(`[data-part="${name}"]`);
  }

  write(name, text) {
    this.part(name).textContent = text;
  }

  change(changes, rests) {
    Object.assign(this.state, changes);
    this.write("unread", "");
    this.show(rests);
    if (!rests) return;
    this.keep();
    const spoken = this.live.querySelector(".spoken");
    if (spoken.textContent !== this.summary()) spoken.textContent = this.summary();
  }

  // Shows or takes away what a number field refuses.
  refuse(input, words) {
    input.setAttribute("aria-invalid", words !== "");
    this.write(`refused-${input.dataset.path}`, words);
  }

  keep() {
    const url = new URL(location.href);
    const text = this.format(this.state);
    if (text === this.format(this.start())) url.searchParams.delete(this.key);
    else url.searchParams.set(this.key, text);
    if (url.href !== location.href) history.replaceState(history.state, "", url); // the anchor and the way back stay
  }
}
