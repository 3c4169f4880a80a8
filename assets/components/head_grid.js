export default (given) => mount(given, build);

function build({ header, payload, parentElement, send, kept }) {
  const { tokens, theme, marks } = header;
  const [L, A, n] = header.shape;
  const colours = ramp(header.palette);

  parentElement.querySelector(".heads")?.remove();
  const root = element("div", "heads", parentElement);
  root.style.color = theme.ink;
  const scroller = element("div", "scroller", root);
  const stage = element("div", "stage", scroller);
  if (kept.height) stage.style.height = kept.height; // the page must not jump while it is redrawn
  const base = element("canvas", "", stage);
  const over = element("canvas", "over", stage);
  over.tabIndex = 0;
  over.setAttribute("role", "application");
  over.setAttribute("aria-label", header.label);
  const readout = element("div", "readout", root);
  readout.setAttribute("aria-live", "polite");
  const lens = element("canvas", "lens", root);
  lens.hidden = true;

  let chosen = window.insideBertHeads?.[header.grid], hover = null, box = null;
  const left = 34, top = 22;

  // Weights are mostly near 0: the square root lets faint ones be seen.
  function picture(l, h) {
    const from = (l * A + h) * n * n;
    return bitmap(n, n, colours, (i) => Math.round(Math.sqrt(payload[from + i] / 255) * 255));
  }
  const pictures = [];
  for (let l = 0; l < L; l++) for (let h = 0; h < A; h++) pictures.push(picture(l, h));

  function draw() {
    const room = scroller.clientWidth || 600;
    const side = Math.max(38, Math.min(86, (room - left - 4) / A));
    const markH = marks ? 7 : 0;
    box = { side, tall: side + markH, width: left + side * A + 4, height: top + (side + markH) * L + 4 };
    stage.style.width = box.width + "px";
    stage.style.height = kept.height = box.height + "px";
    const pen = sharp(base, box.width, box.height);
    pen.font = "13px sans-serif";
    pen.fillStyle = theme.muted;
    pen.textAlign = "center";
    for (let h = 0; h < A; h++) pen.fillText(h, left + (h + 0.5) * side, 14);
    pen.textAlign = "right";
    for (let l = 0; l < L; l++) pen.fillText(l, left - 10, top + l * box.tall + side / 2 + 4);
    pen.imageSmoothingEnabled = n > side * 1.5;
    for (let l = 0; l < L; l++) for (let h = 0; h < A; h++) {
      const x = left + h * side, y = top + l * box.tall;
      pen.drawImage(pictures[l * A + h], x + 2, y + 2, side - 4, side - 4);
      if (marks) {
        const share = Math.min(1, Math.abs(marks[l * A + h]) / (header.markMax || 1));
        pen.fillStyle = marks[l * A + h] >= 0 ? theme.up : theme.down;
        pen.fillRect(x + 2, y + side, (side - 4) * share, 4);
      }
    }
    overlay();
  }

  function overlay() {
    const pen = sharp(over, box.width, box.height);
    const frame = ([l, h], colour, weight) => {
      pen.strokeStyle = colour; pen.lineWidth = weight;
      pen.strokeRect(left + h * box.side + 1, top + l * box.tall + 1, box.side - 2, box.side - 2);
    };
    if (hover) frame(hover, theme.ink, 2);
    if (chosen) frame(chosen, theme.accent, 3);
    const told = hover || chosen;
    if (!told) { readout.textContent = ""; return; }
    let text = header.headLabel.replace("{layer}", told[0]).replace("{head}", told[1]);
    if (marks) text += ` · ${say(marks[told[0] * A + told[1]])}`;
    readout.textContent = text;
  }

  function enlarge(event) {
    if (!hover) { lens.hidden = true; return; }
    const cell = Math.max(5, Math.min(20, Math.floor(300 / n))), names = n <= 40 ? 78 : 0;
    const size = names + cell * n + 8;
    lens.hidden = false;
    const pen = sharp(lens, size, size);
    pen.fillStyle = theme.paper; pen.fillRect(0, 0, size, size);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(pictures[hover[0] * A + hover[1]], names, names, cell * n, cell * n);
    pen.fillStyle = theme.ink; pen.font = `${Math.min(13, cell)}px sans-serif`; pen.textBaseline = "middle";
    if (names) for (let i = 0; i < n; i++) {
      pen.textAlign = "right"; pen.fillText(tokens[i].slice(0, 11), names - 4, names + (i + 0.5) * cell);
      pen.save(); pen.translate(names + (i + 0.5) * cell, names - 4); pen.rotate(-Math.PI / 2);
      pen.textAlign = "left"; pen.fillText(tokens[i].slice(0, 11), 0, 0); pen.restore();
    }
    const area = root.getBoundingClientRect();
    const x = event.clientX - area.left, y = event.clientY - area.top;
    lens.style.left = Math.max(0, Math.min(area.width - size, x > area.width / 2 ? x - size - 24 : x + 24)) + "px";
    lens.style.top = Math.max(0, Math.min(box.height - size + 40, y - size / 2)) + "px";
  }

  function headAt(event) {
    const area = over.getBoundingClientRect();
    const h = Math.floor((event.clientX - area.left - left) / box.side);
    const l = Math.floor((event.clientY - area.top - top) / box.tall);
    return l >= 0 && l < L && h >= 0 && h < A ? [l, h] : null;
  }
  over.onpointermove = (event) => { hover = headAt(event); overlay(); if (event.pointerType !== "touch") enlarge(event); };
  over.onpointerleave = () => { hover = null; lens.hidden = true; overlay(); };
  const choose = (head) => { chosen = head; overlay(); send("head", head); };
  over.onclick = (event) => { const head = headAt(event); if (head) choose(head); };
  over.onkeydown = (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (move) {
      const from = hover || chosen || [0, 0];
      hover = [Math.max(0, Math.min(L - 1, from[0] + move[0])), Math.max(0, Math.min(A - 1, from[1] + move[1]))];
      overlay(); event.preventDefault();
    } else if ((event.key === "Enter" || event.key === " ") && hover) { choose(hover); event.preventDefault(); }
  };
  const follow = ({ detail }) => {
    if (detail.grid !== header.grid) return;
    chosen = detail.head;
    if (box) overlay();
  };
  window.addEventListener("inside-bert-head", follow);
  const unwatch = atEveryWidth(root, draw);
  return () => { unwatch(); window.removeEventListener("inside-bert-head", follow); };
}
