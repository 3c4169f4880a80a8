const FONT = "'Source Sans', 'Source Sans Pro', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";
const PACE = 1100; // milliseconds from one layer to the next while it plays
const AROUND = 0.18; // how much of the picture is left on each side of the ways
const STRETCH = 1.6; // how unequal the two axes may be to fill the picture

export default (given) => mount(given, build);

function build({ header, payload, parentElement, send, kept }) {
  const { theme, words, tokens, followed, layers } = header;
  const last = layers - 1;
  let from = 0;
  const clouds = tokens.map((names) => {
    const points = new Float32Array(payload.buffer, from, layers * names.length * 2);
    from += points.byteLength;
    return { names, points };
  });
  const paths = followed.map((at, s) => ({ ...clouds[s], at, colour: s ? theme.second : theme.first }));
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  parentElement.querySelector(".path")?.remove();
  const root = element("div", "path", parentElement);
  root.style.color = theme.ink;
  const stage = element("div", "stage", root);
  const canvas = element("canvas", "", stage);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", header.label);
  const bar = element("div", "bar", root);
  const play = element("button", "play", bar);
  const slider = element("input", "slider", bar);
  Object.assign(slider, { type: "range", min: 0, max: last, step: 1 });
  slider.setAttribute("aria-label", words.slider);
  const whole = element("button", "whole", bar);
  const readout = element("div", "readout", root);
  readout.setAttribute("aria-live", "polite");

  let time = Math.min(header.start, last), playing = false, frame = 0, before = 0, hover = -1, box = null;

  // Where a piece is at a time between two layers.
  function place({ names, points }, piece, t) {
    const low = Math.min(Math.floor(t), last), high = Math.min(low + 1, last), share = t - low;
    const a = 2 * (low * names.length + piece), b = 2 * (high * names.length + piece);
    return [0, 1].map((c) => points[a + c] + (points[b + c] - points[a + c]) * share);
  }

  function fit() {
    const wide = stage.clientWidth || 600, high = Math.round(Math.max(380, Math.min(560, wide * 0.6)));
    const ends = [Infinity, -Infinity, Infinity, -Infinity];
    const take = (x, y) => {
      ends[0] = Math.min(ends[0], x); ends[1] = Math.max(ends[1], x);
      ends[2] = Math.min(ends[2], y); ends[3] = Math.max(ends[3], y);
    };
    for (const path of paths) for (let l = 0; l <= last; l++) take(...place(path, path.at, l));
    if (kept.whole) {
      const { points } = clouds[0];
      for (let i = 0; i < points.length; i += 2) take(points[i], points[i + 1]);
    } else for (const c of [0, 2]) { // the ways, with some of what lies around them
      const more = AROUND * (ends[c + 1] - ends[c]);
      ends[c] -= more; ends[c + 1] += more;
    }
    const most = [(wide - (wide < 500 ? 60 : 130)) / (ends[1] - ends[0] || 1), (high - 96) / (ends[3] - ends[2] || 1)];
    const scale = [Math.min(most[0], STRETCH * most[1]), Math.min(most[1], STRETCH * most[0])];
    const middle = [(ends[0] + ends[1]) / 2, (ends[2] + ends[3]) / 2];
    stage.style.height = high + "px";
    box = { wide, high, to: ([x, y]) => [wide / 2 + (x - middle[0]) * scale[0], high / 2 - 4 - (y - middle[1]) * scale[1]] };
  }

  // Text on a halo of the paper, kept inside the picture.
  function write(pen, text, x, y, colour, size, weight = "") {
    pen.font = `${weight} ${size}px ${FONT}`;
    const width = pen.measureText(text).width;
    const at = Math.max(4 + width / 2, Math.min(box.wide - 4 - width / 2, x));
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineWidth = 4;
    pen.lineJoin = "round";
    pen.strokeStyle = theme.paper;
    pen.strokeText(text, at, y);
    pen.fillStyle = colour;
    pen.fillText(text, at, y);
    return { left: at - width / 2, right: at + width / 2, top: y - size / 2, bottom: y + size / 2 };
  }

  function dot(pen, [x, y], radius, colour) {
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.fillStyle = colour;
    pen.fill();
  }

  function trail(pen, path, taken) {
    const spots = Array.from({ length: layers }, (_, l) => box.to(place(path, path.at, l)));
    const stroke = (points, alpha, width) => {
      pen.globalAlpha = alpha; pen.strokeStyle = path.colour; pen.lineWidth = width;
      pen.lineJoin = pen.lineCap = "round";
      pen.beginPath();
      points.forEach((p, i) => (i ? pen.lineTo(...p) : pen.moveTo(...p)));
      pen.stroke();
      pen.globalAlpha = 1;
    };
    const now = box.to(place(path, path.at, time));
    stroke(spots, 0.25, 3);
    stroke([...spots.slice(0, Math.floor(time) + 1), now], 1, 4);
    spots.forEach((spot, l) => {
      const passed = l <= time + 1e-6;
      pen.globalAlpha = passed ? 1 : 0.4;
      dot(pen, spot, 11, path.colour);
      pen.globalAlpha = 1;
      pen.font = `bold 13px ${FONT}`;
      pen.textAlign = "center"; pen.textBaseline = "middle";
      pen.fillStyle = theme.paper;
      pen.fillText(l, spot[0], spot[1] + 0.5);
      taken.push({ left: spot[0] - 11, right: spot[0] + 11, top: spot[1] - 11, bottom: spot[1] + 11 });
    });
    pen.beginPath();
    pen.arc(...now, 15, 0, 2 * Math.PI);
    pen.strokeStyle = path.colour; pen.lineWidth = 3;
    pen.stroke();
    return now;
  }

  function draw() {
    const pen = sharp(canvas, box.wide, box.high);
    const { names } = clouds[0], taken = [];
    const faint = names.map((_, piece) => box.to(place(clouds[0], piece, time)));
    faint.forEach((spot, piece) => {
      if (piece === followed[0]) return;
      pen.globalAlpha = piece === hover ? 1 : 0.45;
      dot(pen, spot, piece === hover ? 7 : 5, piece === hover ? theme.accent : theme.muted);
      pen.globalAlpha = 1;
    });
    const heads = paths.map((path) => trail(pen, path, taken));
    paths.forEach((path, s) => {
      const [x, y] = heads[s], other = heads[1 - s];
      const above = !other || (y === other[1] ? s === 0 : y < other[1]), up = above ? -27 : 28;
      taken.push(write(pen, paths.length > 1 ? `${path.names[path.at]} ${"AB"[s]}` : path.names[path.at], x, y + up, path.colour, 19, "bold"));
    });
    const clear = (b) => taken.every((t) => b.right < t.left || b.left > t.right || b.bottom < t.top || b.top > t.bottom);
    faint.forEach(([x, y], piece) => {
      if (piece === followed[0]) return;
      pen.font = `14px ${FONT}`;
      const half = pen.measureText(names[piece]).width / 2, over = y - 14;
      const area = { left: x - half, right: x + half, top: over - 8, bottom: over + 8 };
      if (piece !== hover && (!clear(area) || area.left < 22 || area.right > box.wide || y < 0 || y > box.high - 24)) return;
      taken.push(write(pen, names[piece], x, over, piece === hover ? theme.accent : theme.muted, piece === hover ? 16 : 14));
    });
    write(pen, header.axes[0], box.wide / 2, box.high - 10, theme.muted, 13);
    pen.save();
    pen.translate(10, box.high / 2);
    pen.rotate(-Math.PI / 2);
    pen.font = `13px ${FONT}`; pen.fillStyle = theme.muted; pen.textAlign = "center"; pen.textBaseline = "middle";
    pen.fillText(header.axes[1], 0, 0);
    pen.restore();
  }

  function tell() {
    const layer = Math.round(time);
    play.textContent = playing ? "❚❚" : "▶";
    play.setAttribute("aria-label", playing ? words.pause : words.play);
    whole.textContent = kept.whole ? words.near : words.whole;
    if (slider.valueAsNumber !== layer) slider.value = layer;
    const said = header.told[layer];
    if (readout.textContent !== said) readout.textContent = said;
  }

  function show() { if (box) draw(); tell(); }

  function stop() {
    playing = false;
    cancelAnimationFrame(frame);
    time = Math.round(time);
    show();
    send("layer", time);
  }

  function step(now) {
    const gone = Math.min(100, now - before) / PACE;
    before = now;
    const whole = Math.floor(time + 1e-9), rest = time - whole;
    // slow near a layer, quick between two: the eye can stay with the layers
    time = Math.min(last, time + gone * (still ? 1 : 0.35 + 1.3 * Math.sin(Math.PI * Math.min(1, Math.max(0, rest))) ** 2));
    if (time >= last) { stop(); return; }
    show();
    frame = requestAnimationFrame(step);
  }

  whole.onclick = () => { kept.whole = !kept.whole; fit(); show(); };
  play.onclick = () => {
    if (playing) { stop(); return; }
    if (time >= last) time = 0;
    playing = true;
    before = performance.now();
    frame = requestAnimationFrame(step);
  };
  slider.oninput = () => { playing = false; cancelAnimationFrame(frame); time = slider.valueAsNumber; show(); };
  slider.onchange = () => send("layer", slider.valueAsNumber);

  function pieceAt(event) {
    const area = canvas.getBoundingClientRect();
    let best = -1, least = 20 * 20;
    clouds[0].names.forEach((_, piece) => {
      const [x, y] = box.to(place(clouds[0], piece, time));
      const apart = (x - event.clientX + area.left) ** 2 + (y - event.clientY + area.top) ** 2;
      if (apart < least) { least = apart; best = piece; }
    });
    return best;
  }
  canvas.onpointermove = (event) => {
    const found = pieceAt(event);
    if (found === hover) return;
    hover = found;
    canvas.style.cursor = hover >= 0 ? "pointer" : "default";
    draw();
  };
  canvas.onpointerleave = () => { hover = -1; draw(); };
  canvas.onclick = (event) => {
    const piece = pieceAt(event);
    if (piece >= 0 && piece !== followed[0]) send("piece", piece);
  };

  const details = element("details", "table", root);
  element("summary", "", details).textContent = words.table;
  const table = element("table", "", details);
  const rowOf = (cells, tag) => {
    const row = element("tr", "", table);
    for (const cell of cells) element(tag, "", row).textContent = cell;
  };
  rowOf(["", ...paths.flatMap((p) => [`${p.names[p.at]} x`, "y"])], "th");
  for (let l = 0; l <= last; l++) rowOf([l, ...paths.flatMap((p) => place(p, p.at, l).map(say))], "td");

  const unwatch = atEveryWidth(root, () => { fit(); show(); });
  tell();
  return () => { unwatch(); cancelAnimationFrame(frame); };
}
