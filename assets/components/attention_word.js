// What the server says of a view travels apart from the weights, so that these need not be sent
// again: which heads are open, the filters, and the exact weights of the open heads.
export default function ({ data }) {
  const { header, payload } = unpack(data);
  (window.insideBertViews ??= {})[header.view] = { header, values: new Float32Array(payload.buffer) };
  window.dispatchEvent(new CustomEvent("inside-bert-view", { detail: header.view }));
}
