// values: a_sum.x a_sum.y
customElements.define("smlp-adder", class extends HTMLElement {});
