// Rows look, columns are looked at; colour is the square root of the weight.
function matrixPicture({ head, block, theme, rem, pair, colours }) {
  const { rows, columns, from, n } = head;
  const name = (i) => block.tokens[from + i];
  let left = 0, top = 0, cell = 1, width = 0, height = 0;
  const R = rows.length, C = columns.length;
  const level = (w) => Math.round(Math.sqrt(Math.min(1, w)) * 255);
  const sizeOf = () => Math.min(16 * rem, Math.max(9, cell * 0.9));

  function layout(pen, room) {
    pen.font = `${16 * rem}px ${FACE}`;
    const widest = Math.max(20, ...rows.concat(columns).map((i) => pen.measureText(name(i)).width));
    left = Math.min(widest + 16, 130 * rem, room * 0.3);
    cell = Math.max(3.2, Math.min(58 * rem, (room - left - 6) / Math.max(1, C), 640 * rem / Math.max(8, R)));
    pen.font = `${sizeOf()}px ${FACE}`;
    top = Math.min(widest + 16, 120 * rem);
    width = left + cell * C + 4;
    height = top + cell * R + 4;
    return { width, height };
  }

  function draw(pen) {
    if (!R || !C) return;
    const picture = bitmap(C, R, colours, (i) => level(head.kept[rows[Math.floor(i / C)] * n + columns[i % C]]));
    pen.imageSmoothingEnabled = false;
    pen.drawImage(picture, left, top, cell * C, cell * R);
    if (cell >= 8) {
      pen.strokeStyle = theme.paper;
      pen.lineWidth = 1;
      pen.beginPath();
      for (let c = 0; c <= C; c++) { pen.moveTo(left + c * cell, top); pen.lineTo(left + c * cell, top + R * cell); }
      for (let r = 0; r <= R; r++) { pen.moveTo(left, top + r * cell); pen.lineTo(left + C * cell, top + r * cell); }
      pen.stroke();
    }
    names(pen);
    if (cell >= 40 * rem) numbers(pen);
  }

  function names(pen) {
    const size = sizeOf(), skip = Math.ceil(size * 0.95 / cell);
    pen.font = `${size}px ${FACE}`;
    pen.textBaseline = "middle";
    const ink = (i) => { pen.fillStyle = "cs".includes(block.kinds[from + i]) ? theme.muted : theme.ink; };
    pen.textAlign = "right";
    for (let r = 0; r < R; r += skip) {
      ink(rows[r]);
      pen.fillText(clipped(pen, name(rows[r]), left - 12), left - 8, top + (r + 0.5) * cell);
    }
    pen.textAlign = "left";
    for (let c = 0; c < C; c += skip) {
      pen.save();
      pen.translate(left + (c + 0.5) * cell, top - 8);
      pen.rotate(-Math.PI / 2);
      ink(columns[c]);
      pen.fillText(clipped(pen, name(columns[c]), top - 12), 0, 0);
      pen.restore();
    }
    if (!pair) return;
    const colour = (i) => (block.segments[from + i] ? theme.segment : theme.token);
    rows.forEach((q, r) => { pen.fillStyle = colour(q); pen.fillRect(left - 5, top + r * cell + 0.5, 3, cell - 1); });
    columns.forEach((k, c) => { pen.fillStyle = colour(k); pen.fillRect(left + c * cell + 0.5, top - 5, cell - 1, 3); });
  }

  function numbers(pen) {
    pen.textAlign = "center";
    pen.font = `${Math.min(16 * rem, cell / 3)}px ${FACE}`;
    rows.forEach((q, r) => columns.forEach((k, c) => {
      const w = head.kept[q * n + k];
      if (!w) return;
      const [red, green, blue] = colours.subarray(3 * level(w), 3 * level(w) + 3);
      pen.fillStyle = 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#10131a" : "#ffffff";
      pen.fillText(w.toFixed(2), left + (c + 0.5) * cell, top + (r + 0.5) * cell);
    }));
  }

  function point(pen, { q, k }) {
    const r = q === null ? -1 : rows.indexOf(q), c = k === null ? -1 : columns.indexOf(k);
    pen.fillStyle = theme.ink;
    pen.globalAlpha = 0.12;
    if (r >= 0) pen.fillRect(0, top + r * cell, width, cell);
    if (c >= 0) pen.fillRect(left + c * cell, 0, cell, height);
    pen.globalAlpha = 1;
    if (r < 0 || c < 0) return;
    pen.strokeStyle = theme.accent;
    pen.lineWidth = 3;
    pen.strokeRect(left + c * cell, top + r * cell, cell, cell);
  }

  function at(x, y) {
    const column = columns[Math.floor((x - left) / cell)], row = rows[Math.floor((y - top) / cell)];
    if (x < left) return row === undefined || y < top ? null : { q: row, k: null };
    if (y < top) return column === undefined ? null : { q: null, k: column };
    return row === undefined || column === undefined ? null : { q: row, k: column };
  }

  function shapes(add) {
    rows.forEach((q, r) => columns.forEach((k, c) => {
      const at = 3 * level(head.kept[q * n + k]);
      add("rect", { x: left + c * cell, y: top + r * cell, width: cell, height: cell, stroke: theme.paper,
        "stroke-width": cell >= 8 ? 1 : 0, fill: `rgb(${colours.slice(at, at + 3).join()})` });
    }));
    const size = sizeOf();
    rows.forEach((q, r) => add("text", { x: left - 8, y: top + (r + 0.5) * cell, "text-anchor": "end", "font-size": size, fill: theme.ink }, name(q)));
    columns.forEach((k, c) => {
      const x = left + (c + 0.5) * cell, y = top - 8;
      add("text", { x, y, transform: `rotate(-90 ${x} ${y})`, "font-size": size, fill: theme.ink }, name(k));
    });
  }

  return { layout, draw, point, at, shapes, fades: false };
}
