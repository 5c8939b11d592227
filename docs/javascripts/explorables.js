// Fetches the program of an explorable when a page holds its element, and only then; `document$` is the theme's word for
// every page that is shown, those of instant navigation included. A module runs once, so nothing is defined twice. One
// that cannot be had leaves the static figure, without the room that was kept for the card.
document$.subscribe(() => {
  for (const element of document.querySelectorAll(".explorable > :not(:defined)"))
    import(new URL(`../widgets/${element.localName.replace("smlp-", "")}.js`, import.meta.url)).catch((error) => {
      element.style.minHeight = 0;
      console.warn(error);
    });
});
