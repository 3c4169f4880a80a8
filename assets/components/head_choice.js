// The chosen head travels apart from the weights, so that these need not be sent again.
export default function ({ data }) {
  (window.insideBertHeads ??= {})[data.grid] = data.head;
  window.dispatchEvent(new CustomEvent("inside-bert-head", { detail: data }));
}
