// The card of a computed number, or of a term: pointing at it or focusing it shows where the number comes from, or what the
// term means. One listener for the whole document, so it goes on working when the theme exchanges the page's content.
let card = null;
let owner = null;

function hide() {
  card?.remove();
  if (owner) linkOf(owner).removeAttribute("aria-describedby");
  card = owner = null;
}

const linkOf = (fact) => fact.querySelector("a") ?? fact; // a term is a link itself

function line(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function show(fact) {
  if (owner === fact) return;
  hide();
  owner = fact;
  const { name, detail, source } = fact.dataset;
  card = document.createElement("div");
  card.className = "fact-card";
  card.id = "fact-card";
  card.setAttribute("role", "tooltip");
  const link = line("a", source);
  link.href = linkOf(fact).href;
  const number = fact.matches("data");
  card.append(line("b", number ? `${name} = ${fact.value}` : name), line(number ? "code" : "p", detail), link);
  document.body.append(card);
  linkOf(fact).setAttribute("aria-describedby", card.id);
  const place = fact.getBoundingClientRect();
  const width = document.documentElement.clientWidth;
  const left = Math.max(8, Math.min(place.left, width - card.offsetWidth - 8));
  const below = place.bottom + card.offsetHeight + 12 < innerHeight;
  card.style.left = `${left + scrollX}px`;
  card.style.top = `${scrollY + (below ? place.bottom + 4 : place.top - card.offsetHeight - 4)}px`;
}

const factOf = (event) => (event.target instanceof Element ? event.target.closest("data.fact, a.term") : null);

document.addEventListener("pointerover", (event) => {
  const fact = factOf(event);
  if (fact) show(fact);
  else if (card && !card.contains(event.target) && event.pointerType !== "touch") hide();
});
document.addEventListener("focusin", (event) => {
  const fact = factOf(event);
  if (fact) show(fact);
  else if (card && !card.contains(event.target)) hide();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hide();
});
// A finger cannot point without pressing: the first touch shows the card, its link leads on.
let touched = null;
document.addEventListener("pointerdown", (event) => {
  touched = event.pointerType === "touch" ? factOf(event) : null;
  if (!touched && card && !card.contains(event.target)) hide();
});
document.addEventListener(
  "click",
  (event) => {
    const fact = factOf(event);
    if (fact && fact === touched) {
      event.preventDefault();
      event.stopPropagation();
      show(fact);
    } else if (!fact || event.detail) hide();
  },
  true,
);
