// Makes of the trimmed payload what BertViz's Python would have written into the page.
const started = performance.now();
const sent = JSON.parse(document.getElementById("payload").textContent);
(() => {
  const grown = (values) => Array.isArray(values) ? values.map(grown) : values / sent.steps;
  const attention = grown(sent.attention); // [layers][heads][n][n]
  const vectors = sent.view === "neuron" && { queries: grown(sent.queries), keys: grown(sent.keys) };
  const rows = (layers, [from, to]) => layers.map((heads) => heads.map((m) => m.slice(from, to)));
  const part = (name, left, right) => ({
    name,
    attn: rows(attention, left).map((heads) => heads.map((m) => m.map((row) => row.slice(...right)))),
    left_text: sent.tokens.slice(...left),
    right_text: sent.tokens.slice(...right),
    ...(vectors && { queries: rows(vectors.queries, left), keys: rows(vectors.keys, right) }),
  });
  const n = sent.tokens.length, all = [0, n], a = [0, sent.second], b = [sent.second, n];
  const parts = sent.second === null ? [part(null, all, all)] : [
    part("All", all, all),
    part("Sentence A -> Sentence A", a, a),
    part("Sentence B -> Sentence B", b, b),
    part("Sentence A -> Sentence B", a, b),
    part("Sentence B -> Sentence A", b, a),
  ];
  const byName = Object.fromEntries(parts.map((p, i) => [["all", "aa", "bb", "ab", "ba"][i], p]));
  window.bertviz_params = {
    attention: sent.view === "neuron" ? byName : parts,
    default_filter: sent.view === "neuron" ? "all" : "0",
    root_div_id: "bertviz",
    display_mode: document.documentElement.dataset.mode,
    bidirectional: true,
    layer: sent.view === "neuron" ? sent.layers.indexOf(sent.layer) : sent.layer,
    head: sent.head,
    heads: null,
    include_layers: sent.layers,
    include_heads: [...Array(sent.heads).keys()],
    total_heads: sent.heads,
  };
})();
// BertViz asks require.js for these two by name.
define("jquery", [], () => window.jQuery);
define("d3", [], () => window.d3);
