// A thumbnail of every head. `face` draws one (layer, column) as a bitmap of m x m.
function headGrid({ parent, header, theme, rem, face, onMove, onOpen, onLeave, label }) {
  const scroller = element("div", "scroller heads", parent);
  const stage = element("div", "stage", scroller);
  const base = element("canvas", "base", stage), over = element("canvas", "over", stage);
  const told = element("div", "told", parent), lens = element("canvas", "lens", parent);
  told.setAttribute("aria-live", "polite");
  over.tabIndex = 0;
  over.setAttribute("role", "application");
  over.setAttribute("aria-label", label);
  lens.hidden = true;
  const { rows, columns } = header, gap = header.average ? 10 * rem : 0;
  let box = null, hover = null, chosen = [], faces = [];
  const shift = (column) => (header.average && column === columns.length - 1 ? gap : 0);
  const corner = ([l, c]) => [box.left + c * box.side + shift(c), box.top + l * box.tall];

  function layout(largest) {
    const room = Math.max(200, parent.clientWidth || 600), wordy = Math.max(...columns.map((c) => c.length)) > 3;
    const left = 30 * rem, top = (wordy && header.average === false ? 26 : 22) * rem;
    const side = Math.max(16, Math.min(largest, (room - left - gap - 4) / columns.length));
    const tall = side + (header.marks ? 7 : 0);
    return { side, tall, left, top, width: left + gap + side * columns.length + 4, height: top + tall * rows.length + 4 };
  }

  function draw(largest) {
    box = layout(largest);
    stage.style.width = box.width + "px";
    stage.style.height = box.height + "px";
    const pen = sharp(base, box.width, box.height);
    pen.font = `${Math.max(11, Math.min(14 * rem, box.side * 0.5))}px ${FACE}`;
    pen.fillStyle = theme.muted;
    pen.textAlign = "center";
    columns.forEach((name, c) => pen.fillText(clipped(pen, name, box.side + 12), corner([0, c])[0] + box.side / 2, box.top - 7));
    pen.textAlign = "right";
    rows.forEach((name, l) => pen.fillText(name, box.left - 8, corner([l, 0])[1] + box.side / 2 + 4));
    rows.forEach((_, l) => columns.forEach((__, c) => one(pen, l, c)));
    point();
  }

  function one(pen, l, c) {
    const picture = (faces[l * columns.length + c] ??= face(l, c)), [x, y] = corner([l, c]);
    const inset = box.side > 30 ? 2 : 1;
    pen.imageSmoothingEnabled = picture.width > box.side * 1.5;
    pen.drawImage(picture, x + inset, y + inset, box.side - 2 * inset, box.side - 2 * inset);
    const mark = header.marks?.[l * columns.length + c];
    if (mark === undefined) return;
    pen.fillStyle = theme.key;
    pen.fillRect(x + inset, y + box.side, (box.side - 2 * inset) * mark / header.markMax, 4);
  }

  function point() {
    if (!box) return;
    const pen = sharp(over, box.width, box.height);
    const frame = (at, colour, weight) => {
      const [x, y] = corner(at);
      pen.strokeStyle = colour;
      pen.lineWidth = weight;
      pen.strokeRect(x + 1, y + 1, box.side - 2, box.side - 2);
    };
    if (hover) frame(hover, theme.ink, 2);
    chosen.forEach((at, pane) => frame(at, pane ? theme.key : theme.accent, 3));
    told.textContent = hover || chosen[0] ? header.say(hover || chosen[0]) : "";
  }

  function enlarge(event) {
    if (!hover || !box || box.side * 2 > 300) { lens.hidden = true; return; }
    const size = 260 * rem, area = parent.getBoundingClientRect();
    lens.hidden = false;
    const pen = sharp(lens, size, size);
    pen.fillStyle = theme.paper;
    pen.fillRect(0, 0, size, size);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(faces[hover[0] * columns.length + hover[1]], 8, 8, size - 16, size - 16);
    const x = event.clientX - area.left, y = event.clientY - area.top;
    lens.style.left = (x > area.width / 2 && x > size ? x - size - 20 : x + 20) + "px";
    lens.style.top = Math.max(0, Math.min(box.height - size, y - size / 2)) + "px";
  }

  function headAt(event) {
    const area = over.getBoundingClientRect();
    const x = event.clientX - area.left, l = Math.floor((event.clientY - area.top - box.top) / box.tall);
    const c = columns.findIndex((_, at) => { const from = corner([0, at])[0]; return x >= from && x < from + box.side; });
    return l >= 0 && l < rows.length && c >= 0 ? [l, c] : null;
  }

  over.onpointermove = (event) => {
    hover = headAt(event);
    point();
    if (event.pointerType !== "touch") enlarge(event);
  };
  over.onpointerleave = () => { hover = null; lens.hidden = true; point(); };
  over.onclick = (event) => {
    const at = headAt(event);
    lens.hidden = true;
    if (at) { onMove(at); onOpen(); }
  };
  over.onkeydown = (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (step) {
      const [l, c] = chosen[header.active?.() ?? 0] ?? [0, 0];
      const within = (value, size) => Math.max(0, Math.min(size - 1, value));
      hover = null;
      onMove([within(l + step[0], rows.length), within(c + step[1], columns.length)]);
    } else if (event.key === "Enter" || event.key === " ") onOpen();
    else if (event.key === "Escape") onLeave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return {
    draw,
    choose: (heads) => { chosen = heads; point(); },
    forget: () => { faces = []; },
  };
}
