// The theme starts its search on every page: a worker and the index of the whole site. Here both wait until somebody
// opens the search. Stands in the page before the theme's own script.
(() => {
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  const isQuery = ({ target }) => target.id === "__search" || target.name === "query";
  for (const kind of ["focusin", "change", "pointerover"])
    document.addEventListener(kind, (event) => isQuery(event) && open());

  // A worker that starts with the first message to it.
  const Started = window.Worker;
  window.Worker = class extends EventTarget {
    constructor(...settings) {
      super();
      this.start = () => {
        this.worker = new Started(...settings);
        for (const kind of ["message", "error"])
          this.worker.addEventListener(kind, (event) => this.dispatchEvent(new event.constructor(kind, event)));
      };
    }

    postMessage(...message) {
      if (!this.worker) this.start();
      this.worker.postMessage(...message);
    }
  };

  const { send, open: name } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    this.waits = String(url).endsWith("/search/search_index.json");
    name.call(this, method, url, ...rest);
  };
  XMLHttpRequest.prototype.send = function (body) {
    if (this.waits) opened.then(() => send.call(this, body));
    else send.call(this, body);
  };
})();
