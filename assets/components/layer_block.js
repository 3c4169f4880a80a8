export default (given) => mount(given, build);

function build({ header, payload, parentElement, send, kept }) {
  const { stations, theme, words, selected } = header;
  const values = new Float32Array(payload.buffer);
  const colours = ramp(header.palette);
  parentElement.querySelector(".layer")?.remove();
  const root = element("div", "layer", parentElement);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", header.label);
  for (const name of ["ink", "muted", "grid", "accent"]) root.style.setProperty(`--${name}`, theme[name]);
  if (kept.height) root.style.minHeight = kept.height; // the page must not jump while it is redrawn
  const svg = drawn("svg", { "aria-hidden": "true" }, root);
  const head = element("div", "row head", root);
  element("span", "blank", head);
  element("span", "blank", head);
  const titles = element("div", "stats", head);
  for (const name of [words.norm, words.mean, words.variance, words.coordinate])
    element("span", "", titles).textContent = name;

  let from = 0, told = 0;
  const longest = (size) => Math.max(...stations.filter((s) => s.size === size).map((s) => s.norm)) || 1;
  const rows = stations.map((station, i) => {
    const mine = values.subarray(from, (from += station.size));
    const row = element("div", `row ${station.kind}${i === selected ? " chosen" : ""}`, root);
    row.style.setProperty("--own", theme[station.colour]);
    const box = element("button", "box", row);
    box.type = "button";
    box.setAttribute("aria-pressed", i === selected);
    element("span", "name", box).textContent = station.name;
    element("span", "formula", box).textContent = station.formula;
    box.onclick = () => { kept.focus = i; send("pick", [i, -1]); };
    const strip = element("canvas", "strip", row);
    strip.setAttribute("aria-hidden", "true");
    // a click's place is rounded to whole pixels: what hovering has told is what is chosen
    strip.onclick = (event) => send("pick", [i, tip.hidden ? cellAt(event, strip, station.size) : told]);
    strip.onpointermove = (event) => tell(event, strip, station, mine);
    strip.onpointerleave = () => { tip.hidden = true; };
    const stats = element("div", "stats", row);
    stat(stats, words.norm, station.norm, station.norm / longest(station.size));
    stat(stats, words.mean, station.mean);
    stat(stats, words.variance, station.variance);
    stat(stats, `[${station.mark}]`, mine[station.mark]);
    return { row, box, strip, station, mine };
  });
  element("div", "leaves", root).textContent = header.leaves;
  const foot = element("div", "foot", root);
  element("span", "bar", foot).style.background = `linear-gradient(to right, ${header.palette})`;
  element("span", "", foot).textContent = header.legend;
  const tip = element("div", "tip", root);
  tip.hidden = true;
  if (kept.focus !== undefined) rows[kept.focus].box.focus({ preventScroll: true });
  kept.focus = undefined;

  function stat(parent, name, value, share) {
    const cell = element("span", "stat", parent);
    element("small", "", cell).textContent = name;
    const shown = element("b", "", cell);
    shown.textContent = short(value);
    shown.title = say(value);
    if (share !== undefined) element("i", "", cell).style.width = `${Math.max(1, 100 * share)}%`;
  }

  function short(value) {
    const size = Math.abs(value);
    return value.toFixed(size >= 100 ? 1 : size >= 1 ? 2 : 3).replace("-", "\u2212");
  }

  function cellAt(event, strip, size) {
    const area = strip.getBoundingClientRect();
    return Math.max(0, Math.min(size - 1, Math.floor(((event.clientX - area.left) / area.width) * size)));
  }

  function tell(event, strip, station, mine) {
    told = cellAt(event, strip, station.size);
    const area = root.getBoundingClientRect();
    tip.hidden = false;
    tip.textContent = `[${told}] ${say(mine[told])}`;
    const zoom = area.width / root.offsetWidth || 1;
    const x = (event.clientX - area.left) / zoom, y = (event.clientY - area.top) / zoom;
    tip.style.left = Math.min(x + 12, root.clientWidth - tip.offsetWidth - 4) + "px";
    tip.style.top = y - 40 + "px";
  }

  // One colour a pixel: of several cells that share it, the largest in size.
  function paint({ strip, station, mine }) {
    const wide = Math.max(60, strip.parentElement.classList.contains("row") ? strip.clientWidth : 60);
    const high = strip.clientHeight || 30;
    strip.style.width = strip.style.height = "";
    const ratio = Math.max(1, window.devicePixelRatio || 1);
    strip.width = Math.round(wide * ratio);
    strip.height = Math.round(high * ratio);
    const pen = strip.getContext("2d"), size = station.size, limit = station.limit || 1;
    const columns = Math.min(strip.width, size);
    const largest = (i) => {
      let found = 0;
      const stop = Math.max(Math.floor((i * size) / columns) + 1, Math.floor(((i + 1) * size) / columns));
      for (let c = Math.floor((i * size) / columns); c < stop; c++)
        if (Math.abs(mine[c]) >= Math.abs(found)) found = mine[c];
      return found;
    };
    const level = (i) => Math.round(Math.max(0, Math.min(1, 0.5 + largest(i) / limit / 2)) * 255);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(bitmap(columns, 1, colours, level), 0, 0, strip.width, strip.height);
    const x = ((station.mark + 0.5) / size) * strip.width;
    pen.fillStyle = theme.accent;
    for (const [y, to] of [[0, 1], [strip.height, -1]]) {
      pen.beginPath();
      pen.moveTo(x - 5 * ratio, y); pen.lineTo(x + 5 * ratio, y); pen.lineTo(x, y + to * 6 * ratio);
      pen.fill();
    }
  }

  function connect() {
    svg.replaceChildren();
    svg.setAttribute("width", root.clientWidth);
    svg.setAttribute("height", root.scrollHeight);
    const at = rows.map(({ box }) => placeOf(box, root));
    const strips = rows.map(({ strip }) => placeOf(strip, root));
    const narrow = root.classList.contains("narrow");
    const last = at.length - 1, rail = at[0].left - (narrow ? 13 : 22);
    const low = (i) => (narrow ? placeOf(rows[i].row, root).bottom : at[i].bottom);
    const frame = (first, final, extra, fill, dash) => drawn("rect", {
      x: at[first].left - extra, y: at[first].top - extra - 3, rx: 12,
      width: at[first].width + 2 * extra, height: low(final) - at[first].top + 2 * extra + 6 - (narrow ? 4 : 0),
      fill, stroke: theme.muted, "stroke-opacity": 0.55, "stroke-width": 1.5, "stroke-dasharray": dash,
    }, svg);
    if (!narrow) frame(...header.frame, 8, "none", "5 4");
    const x = narrow ? at[0].left + 22 : at[0].x;
    for (let i = 0; i < last; i++) wire(svg, [[x, low(i)], [x, at[i + 1].top]], theme.muted);
    wire(svg, [[x, low(last)], [x, low(last) + (narrow ? 16 : 22)]], theme.muted);
    for (const [start, end] of header.branches) {
      const y = (low(start) + at[start + 1].top) / 2;
      wire(svg, [[x, y], [rail, y], [rail, at[end].y], [at[end].left, at[end].y]], theme.accent, { wide: 2.5 });
    }
    rows.forEach(({ station }, i) => { // the strip belongs to its box
      if (!narrow) wire(svg, [[at[i].right, at[i].y], [strips[i].left, strips[i].y]], theme.grid, { head: false });
    });
  }

  function draw() {
    root.classList.toggle("narrow", root.clientWidth < 720);
    rows.forEach(paint);
    connect();
    kept.height = root.offsetHeight + "px";
  }
  return atEveryWidth(root, draw);
}
