const FACE = "'Source Sans', 'Source Sans Pro', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";
const STEPS = 24; // shades of a line; lines of one shade are drawn in one stroke

function clipped(pen, text, room) {
  let shown = text;
  while (shown.length > 2 && pen.measureText(shown).width > room) shown = shown.slice(0, -2) + "…";
  return shown;
}

// Tokens left (they look) and right (they are looked at), a line for each weight.
function linesPicture({ head, block, theme, rem, pair }) {
  const { rows, columns, from, n } = head;
  const name = (i) => block.tokens[from + i];
  const tall = Math.max(rows.length, columns.length, 1);
  const step = Math.max(14 * rem, Math.min(30 * rem, 620 * rem / tall));
  const size = Math.min(17 * rem, step * 0.82);
  const place = { rows: new Map(rows.map((q, at) => [q, at])), columns: new Map(columns.map((k, at) => [k, at])) };
  let width = 0, left = 0, right = 0, top = 4;
  const y = (side, i) => top + (place[side].get(i) + 0.5) * step;

  function layout(pen, room) {
    width = Math.max(240, room);
    pen.font = `${size}px ${FACE}`;
    const widest = Math.max(20, ...rows.concat(columns).map((i) => pen.measureText(name(i)).width));
    const number = 44 * rem;
    const names = Math.min(widest + 14, (width - 2 * number) * 0.36);
    left = number + names;
    right = width - number - names;
    return { width, height: 2 * top + tall * step };
  }

  function names(pen) {
    pen.font = `${size}px ${FACE}`;
    pen.textBaseline = "middle";
    for (const [side, places] of [["rows", rows], ["columns", columns]]) {
      pen.textAlign = side === "rows" ? "right" : "left";
      const x = side === "rows" ? left - 9 : right + 9;
      for (const i of places) {
        pen.fillStyle = "cs".includes(block.kinds[from + i]) ? theme.muted : theme.ink;
        pen.fillText(clipped(pen, name(i), left - 44 * rem - 12), x, y(side, i));
        if (!pair) continue;
        pen.fillStyle = block.segments[from + i] ? theme.segment : theme.token;
        pen.fillRect(side === "rows" ? left - 5 : right + 2, y(side, i) - step * 0.36, 3, step * 0.72);
      }
    }
  }

  function strokes(pen, links, colour) {
    const shades = Array.from({ length: STEPS }, () => []);
    for (const link of links) shades[Math.min(STEPS - 1, Math.floor(Math.sqrt(link[0]) * STEPS))].push(link);
    pen.strokeStyle = colour;
    shades.forEach((some, shade) => {
      if (!some.length) return;
      const share = (shade + 0.5) / STEPS;
      pen.globalAlpha = share;
      pen.lineWidth = 0.6 + 6 * rem * share * share;
      pen.beginPath();
      for (const [, q, k] of some) { pen.moveTo(left, y("rows", q)); pen.lineTo(right, y("columns", k)); }
      pen.stroke();
    });
    pen.globalAlpha = 1;
  }

  function draw(pen) {
    strokes(pen, head.links.filter((link) => link[0] > 0.004), theme.query);
    names(pen);
  }

  // Only the links of the pieces pointed at, with their numbers at the far side.
  function point(pen, { q, k }) {
    const both = q !== null && k !== null;
    const mine = [];
    if (both) { const w = head.kept[q * n + k]; if (w) mine.push([w, q, k]); }
    else if (q !== null) { for (const to of columns) { const w = head.kept[q * n + to]; if (w) mine.push([w, q, to]); } }
    else for (const by of rows) { const w = head.kept[by * n + k]; if (w) mine.push([w, by, k]); }
    const colour = q !== null ? theme.query : theme.key;
    strokes(pen, mine, colour);
    names(pen);
    pen.fillStyle = colour;
    pen.globalAlpha = 0.16;
    if (place.rows.has(q)) pen.fillRect(0, y("rows", q) - step / 2, left - 2, step);
    if (place.columns.has(k)) pen.fillRect(right + 2, y("columns", k) - step / 2, width - right, step);
    pen.globalAlpha = 1;
    pen.font = `600 ${size}px ${FACE}`;
    pen.textBaseline = "middle";
    for (const [w, by, to] of mine) {
      if (w < 0.005 && !both) continue;
      const far = q !== null;
      pen.textAlign = far ? "right" : "left";
      pen.fillText(w.toFixed(2), far ? width - 2 : 2, far ? y("columns", to) : y("rows", by));
    }
  }

  function at(x, yy) {
    const row = rows[Math.floor((yy - top) / step)], column = columns[Math.floor((yy - top) / step)];
    if (x <= left) return row === undefined ? null : { q: row, k: null };
    if (x >= right) return column === undefined ? null : { q: null, k: column };
    const t = (x - left) / (right - left);
    let best = null, score = 6 * rem;
    for (const [w, q, k] of head.links) {
      if (w < 0.03) break;
      const off = Math.abs(y("rows", q) * (1 - t) + y("columns", k) * t - yy);
      if (off < score) { score = off; best = { q, k }; }
    }
    return best;
  }

  // The same lines as shapes for an SVG file.
  function shapes(add) {
    for (const [w, q, k] of head.links) {
      if (w < 0.004) break;
      const share = Math.sqrt(w);
      add("line", { x1: left, y1: y("rows", q), x2: right, y2: y("columns", k), stroke: theme.query,
        "stroke-width": 0.6 + 6 * share * share, "stroke-opacity": share });
    }
    for (const q of rows) add("text", { x: left - 9, y: y("rows", q), "text-anchor": "end", "font-size": size, fill: theme.ink }, name(q));
    for (const k of columns) add("text", { x: right + 9, y: y("columns", k), "text-anchor": "start", "font-size": size, fill: theme.ink }, name(k));
  }

  return { layout, draw, point, at, shapes, fades: true };
}
