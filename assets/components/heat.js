const FONT = "'Source Sans', 'Source Sans Pro', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";

export default (given) => mount(given, build);

function build({ header, payload, parentElement, send, kept }) {
  const { rows, columns, theme, label, domain, masked } = header;
  const R = header.shape[0], C = header.shape[1];
  const values = new Float32Array(payload.buffer, 0, R * C);
  const hidden = masked ? new Uint8Array(payload.buffer, R * C * 4, R * C) : null;
  const colours = ramp(header.palette);
  const [low, high] = domain;

  parentElement.querySelector(".heat")?.remove();
  const root = element("div", "heat", parentElement);
  root.style.color = theme.ink;
  const scroller = element("div", "scroller", root);
  const stage = element("div", "stage", scroller);
  if (kept.height) stage.style.height = kept.height; // the page must not jump while it is redrawn
  const base = element("canvas", "base", stage);
  const over = element("canvas", "over", stage);
  over.tabIndex = 0;
  over.setAttribute("role", "application");
  over.setAttribute("aria-label", label);
  const foot = element("div", "foot", root);
  element("div", "bar", foot).style.background = `linear-gradient(to right, ${header.palette})`;
  const readout = element("span", "readout", foot);
  readout.setAttribute("aria-live", "polite");

  let cursor = header.selected;
  let hover = null;
  let marked = false;
  let box = null;

  const level = (v) => {
    const t = high === low ? 0.5 : (v - low) / (high - low);
    return Math.max(0, Math.min(255, Math.round(t * 255)));
  };
  const ink = (i) => {
    const c = colours.subarray(3 * i, 3 * i + 3);
    return 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2] > 140 ? "#10131a" : "#ffffff";
  };

  function layout() {
    const pen = base.getContext("2d");
    pen.font = `14px ${FONT}`;
    const left = Math.min(150, Math.max(...rows.map((r) => pen.measureText(r).width), 10) + 14);
    const named = columns.length === C;
    const room = Math.max(240, scroller.clientWidth || parentElement.clientWidth || 600);
    const strip = C > 128;
    const squareSide = Math.min(header.cell || 56, Math.max(strip ? 1 : 7, (room - left - 6) / C));
    const cellW = strip ? (room - left - 6) / C : Math.max(header.minCell || 7, squareSide);
    const cellH = header.rowHeight || (strip ? 22 : cellW);
    const longest = named ? Math.max(...columns.map((c) => pen.measureText(c).width)) : 0;
    const slanted = named && longest > cellW - 4;
    const top = named ? (slanted ? Math.min(110, longest + 12) : 24) : 20;
    return { left, top, cellW, cellH, named, slanted, width: left + cellW * C + 6, height: top + cellH * R + 4 };
  }

  function draw() {
    box = layout();
    const { left, top, cellW, cellH, named, slanted, width, height } = box;
    stage.style.width = width + "px";
    stage.style.height = kept.height = height + "px";
    const pen = sharp(base, width, height);
    const small = bitmap(C, R, colours, (i) => (hidden && !hidden[i] ? -1 : level(values[i])));
    pen.imageSmoothingEnabled = false;
    pen.drawImage(small, left, top, cellW * C, cellH * R);
    pen.font = `14px ${FONT}`;
    pen.textBaseline = "middle";
    if (hidden) drawHidden(pen);
    if (cellW >= 9 && cellH >= 9 && C <= 128) {
      pen.strokeStyle = theme.paper;
      pen.lineWidth = 1;
      pen.beginPath();
      for (let c = 0; c <= C; c++) { pen.moveTo(left + c * cellW, top); pen.lineTo(left + c * cellW, top + R * cellH); }
      for (let r = 0; r <= R; r++) { pen.moveTo(left, top + r * cellH); pen.lineTo(left + C * cellW, top + r * cellH); }
      pen.stroke();
    } else if (C > 128 && R > 1) {
      pen.fillStyle = theme.paper;
      for (let r = 1; r < R; r++) pen.fillRect(left, top + r * cellH - 1, C * cellW, 1);
    }
    pen.fillStyle = theme.ink;
    pen.textAlign = "right";
    const every = Math.ceil(13 / cellH);
    for (let r = 0; r < R; r += every) clipText(pen, rows[r], left - 7, top + (r + 0.5) * cellH, left - 10);
    if (named) {
      const skip = Math.ceil(13 / cellW);
      for (let c = 0; c < C; c += skip) {
        pen.save();
        pen.translate(left + (c + 0.5) * cellW, top - 6);
        if (slanted) { pen.rotate(-Math.PI / 2); pen.textAlign = "left"; } else { pen.textAlign = "center"; pen.translate(0, -5); }
        clipText(pen, columns[c], 0, 0, slanted ? 100 : cellW * skip);
        pen.restore();
      }
    } else {
      pen.textAlign = "center";
      pen.fillStyle = theme.muted;
      pen.font = `12px ${FONT}`;
      const step = [1, 2, 4, 8, 16, 32, 64, 128, 256].find((s) => s * cellW > 34) || 512;
      for (let c = 0; c < C; c += step) pen.fillText(String(c), left + (c + 0.5) * cellW, 10);
    }
    if (cellW >= 44 && cellH >= 24 && R * C <= 400) drawNumbers(pen);
    over.style.width = width + "px";
    over.style.height = height + "px";
    overlay();
    tell(hover || cursor);
  }

  function clipText(pen, text, x, y, room) {
    let shown = text;
    while (shown.length > 2 && pen.measureText(shown).width > room) shown = shown.slice(0, -2) + "…";
    pen.fillText(shown, x, y);
  }

  function drawHidden(pen) {
    const { left, top, cellW, cellH } = box;
    pen.strokeStyle = theme.grid;
    pen.lineWidth = 1;
    for (let i = 0; i < R * C; i++) if (!hidden[i]) {
      const x = left + (i % C) * cellW, y = top + Math.floor(i / C) * cellH;
      pen.beginPath(); pen.moveTo(x, y + cellH); pen.lineTo(x + cellW, y); pen.stroke();
    }
  }

  function drawNumbers(pen) {
    const { left, top, cellW, cellH } = box;
    pen.textAlign = "center";
    pen.font = `${Math.min(15, cellW / 3.4)}px ${FONT}`;
    const counts = values.every(Number.isInteger);
    for (let i = 0; i < R * C; i++) if (!hidden || hidden[i]) {
      pen.fillStyle = ink(level(values[i]));
      const v = values[i], text = counts || Math.abs(v) >= 100 ? v.toFixed(0) : Math.abs(v) >= 10 ? v.toFixed(1) : v.toFixed(2);
      pen.fillText(text.replace("-", "\u2212"), left + ((i % C) + 0.5) * cellW, top + (Math.floor(i / C) + 0.5) * cellH);
    }
  }

  function overlay() {
    const { left, top, cellW, cellH, width, height } = box;
    if (!hover && !cursor && !marked) return; // most bands never need this canvas's memory
    marked = true;
    const pen = sharp(over, width, height);
    if (hover) {
      pen.fillStyle = theme.ink;
      pen.globalAlpha = 0.10;
      pen.fillRect(left, top + hover[0] * cellH, C * cellW, cellH);
      pen.fillRect(left + hover[1] * cellW, top, Math.max(1, cellW), R * cellH);
      pen.globalAlpha = 1;
      frame(pen, hover, theme.ink, 1.5);
    }
    if (cursor) frame(pen, cursor, theme.accent, 3);
  }

  function frame(pen, [r, c], colour, weight) {
    const { left, top, cellW, cellH } = box;
    pen.strokeStyle = colour;
    pen.lineWidth = weight;
    pen.strokeRect(left + c * cellW, top + r * cellH, Math.max(3, cellW), cellH);
  }

  function tell(cell) {
    const ends = `${say(low)} … ${say(high)}`;
    if (!cell) { readout.textContent = ends; return; }
    const [r, c] = cell;
    const name = columns.length === C ? columns[c] : `[${c}]`;
    readout.textContent = `${rows[r]} → ${name}: ${shownAt(r, c)}`;
  }

  function shownAt(r, c) {
    return hidden && !hidden[r * C + c] ? "—" : say(values[r * C + c]);
  }

  function cellAt(event) {
    const area = over.getBoundingClientRect();
    const c = Math.floor((event.clientX - area.left - box.left) / box.cellW);
    const r = Math.floor((event.clientY - area.top - box.top) / box.cellH);
    const [row, column] = cursor || [0, 0]; // a name at the side changes its own end alone
    if (c < 0 && r >= 0 && r < R) return [r, column];
    if (r < 0 && c >= 0 && c < C && box.named) return [row, c];
    return r >= 0 && r < R && c >= 0 && c < C ? [r, c] : null;
  }

  over.onpointermove = (event) => { hover = cellAt(event); overlay(); tell(hover || cursor); };
  over.onpointerleave = () => { hover = null; overlay(); tell(cursor); };
  over.onclick = (event) => { const cell = cellAt(event); if (cell) choose(cell); };
  over.onkeydown = (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (move) {
      const from = hover || cursor || [0, 0];
      hover = [Math.max(0, Math.min(R - 1, from[0] + move[0])), Math.max(0, Math.min(C - 1, from[1] + move[1]))];
      overlay(); tell(hover); event.preventDefault();
    } else if ((event.key === "Enter" || event.key === " ") && (hover || cursor)) {
      choose(hover || cursor); event.preventDefault();
    }
  };
  function choose(cell) {
    cursor = cell; overlay(); tell(cell);
    if (header.selectable) send("cell", cell);
  }

  if (R * C <= 1024) table();
  function table() {
    const details = element("details", "table", foot);
    element("summary", "", details).textContent = header.tableLabel;
    details.ontoggle = () => {
      if (!details.open || details.querySelector("table")) return;
      const grid = element("table", "", details);
      const head = element("tr", "", grid);
      element("th", "", head);
      for (let c = 0; c < C; c++) element("th", "", head).textContent = columns.length === C ? columns[c] : c;
      for (let r = 0; r < R; r++) {
        const line = element("tr", "", grid);
        element("th", "", line).textContent = rows[r];
        for (let c = 0; c < C; c++) element("td", "", line).textContent = shownAt(r, c);
      }
    };
  }

  return atEveryWidth(root, draw);
}
