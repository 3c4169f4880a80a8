// Which weights of a head are drawn. A filter hides; it never changes a weight.
const OPEN_FILTER = { look: "all", hide: "", least: 0, top: 0 };

function isOpen({ look, hide, least, top }) {
  return look === "all" && !hide && !least && !top;
}

// Which of the pieces from..from+n may look, and which may be looked at.
function passing(block, from, n, { look, hide }) {
  const rows = new Uint8Array(n), columns = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    if (hide.includes(block.kinds[from + i])) continue;
    const sentence = block.segments[from + i] ? "b" : "a";
    rows[i] = look === "all" || look[0] === sentence;
    columns[i] = look === "all" || look[1] === sentence;
  }
  return { rows, columns };
}

// Weights n x n with everything the filter hides at 0. `scale` turns bytes into shares of 1.
function sifted(values, n, scale, pass, { least, top }) {
  const kept = new Float32Array(n * n), row = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    if (!pass.rows[i]) continue;
    for (let j = 0; j < n; j++) row[j] = pass.columns[j] ? values[i * n + j] * scale : 0;
    let limit = least / 100;
    if (top && top < n) limit = Math.max(limit, Float32Array.from(row).sort()[n - top]);
    for (let j = 0; j < n; j++) if (row[j] > 0 && row[j] >= limit) kept[i * n + j] = row[j];
  }
  return kept;
}

// One opened head, filtered: the pieces that are left, their weights, and the links by strength.
function opened(weights, block, filter) {
  const { values, from, n } = weights;
  const pass = passing(block, from, n, filter);
  const kept = sifted(values, n, 1, pass, filter);
  const places = (flags) => [...flags.keys()].filter((i) => flags[i]);
  const rows = places(pass.rows), columns = places(pass.columns);
  const links = [];
  let total = 0;
  for (const q of rows) for (const k of columns) {
    const weight = kept[q * n + k];
    if (!weight) continue;
    total += weight;
    links.push([weight, q, k]);
  }
  links.sort((a, b) => b[0] - a[0]);
  return { n, from, rows, columns, kept, links, share: rows.length ? total / rows.length : 0 };
}
