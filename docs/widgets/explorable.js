// What all explorables share: the recorded values that the build wrote into the page, the head of the card, the state
// in the link, and a line for those who hear the page. An explorable is a custom element. What stands inside it in the
// page is its static figure; the style sheet hides it once `data-ready` is set, and shows it again in print.

// A number as the posts write it: a true minus sign, and none before nothing.
export const number = (v, digits) => v.toFixed(digits).replace(/^-(?=0(\.0*)?$)/, "").replace("-", "−");

export class Explorable extends HTMLElement {
  // A subclass has a `title`, and says: start(), its first state; format(state), a text of [A-Za-z0-9._-], and
  // parse(text), the state again, or null; body(), the HTML; pressed(button) and edited(input), what they change in the
  // state; show(), which brings the page up to the state; summary(), the state in a sentence.
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
      <button type="button" data-do="reset">Reset</button></p>${this.body()}<p class="spoken" role="status"></p>`;
    this.append(this.live);
    this.state = this.parse(new URLSearchParams(location.search).get(this.key) ?? "") ?? this.start();
    this.live.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) this.change(button.dataset.do === "reset" ? this.start() : this.pressed(button), true);
    });
    // While something is dragged the numbers follow; the link and the spoken line wait until it rests.
    for (const kind of ["input", "change"])
      this.live.addEventListener(kind, ({ target }) => this.change(this.edited(target), kind === "change"));
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

  // The element that holds a part: a number, a bar, an input.
  part(name) {
    return this.live.querySelector(`[data-part="${name}"]`);
  }

  write(name, text) {
    this.part(name).textContent = text;
  }

  change(changes, rests) {
    Object.assign(this.state, changes);
    this.show(rests);
    if (!rests) return;
    this.keep();
    this.live.querySelector(".spoken").textContent = this.summary();
  }

  keep() {
    const url = new URL(location.href);
    const text = this.format(this.state);
    if (text === this.format(this.start())) url.searchParams.delete(this.key);
    else url.searchParams.set(this.key, text);
    if (url.href !== location.href) history.replaceState(history.state, "", url); // the anchor and the way back stay
  }
}
