// Fetches the program of an explorable when the reader comes near its element, and only then; `document$` is the theme's
// word for every page that is shown, those of instant navigation included. A module runs once, so nothing is defined
// twice. One that cannot be had leaves the static figure, without the room that was kept for the card.
const near = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries)
      if (isIntersecting) {
        near.unobserve(target);
        load(target);
      }
  },
  { rootMargin: "100% 0%" },
);

function load(element) {
  const name = element.localName.replace("smlp-", "");
  import(new URL(`../widgets/${name}/${name}.js`, import.meta.url)).catch((error) => {
    element.style.minHeight = 0;
    console.warn(error);
  });
}

document$.subscribe(() => {
  near.disconnect();
  for (const element of document.querySelectorAll(".explorable > :not(:defined)")) near.observe(element);
});
