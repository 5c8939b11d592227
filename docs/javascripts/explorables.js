// Fetches the program of an explorable when a page holds its element, and only then; `document$` is the theme's word for
// every page that is shown, those of instant navigation included. A module runs once, so nothing is defined twice.
document$.subscribe(() => {
  for (const { localName } of document.querySelectorAll(".explorable > :not(:defined)"))
    import(new URL(`../widgets/${localName.replace("smlp-", "")}.js`, import.meta.url));
});
