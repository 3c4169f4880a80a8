export default (given) => mount(given, build);

function build({ header, parentElement, send, kept }) {
  const { columns, wires, theme, chosen, clickable } = header;
  parentElement.querySelector(".blocks")?.remove();
  const root = element("div", "blocks", parentElement);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", header.label);
  for (const name of ["ink", "muted", "grid", "accent"]) root.style.setProperty(`--${name}`, theme[name]);
  if (kept.height) root.style.minHeight = kept.height;
  const svg = drawn("svg", { "aria-hidden": "true" }, root);
  const stage = element("div", "stage", root);
  const boxes = {};
  const placed = columns.map((column, side) => {
    const stack = element("div", `column ${side ? "right" : "left"}`, stage);
    element("div", "title", stack).textContent = column.title;
    const pile = element("div", `pile${header.up ? " up" : ""}`, stack);
    for (const part of column.boxes) {
      const box = element(clickable ? "button" : "div", `box ${part.fate} ${part.kind}`, pile);
      box.style.setProperty("--own", theme[part.colour]);
      const sign = header.signs?.[part.fate];
      if (sign) { const mark = element("span", "sign", box); mark.textContent = sign; mark.setAttribute("aria-hidden", "true"); }
      element("span", "", box).textContent = part.label;
      if (clickable) {
        box.type = "button";
        box.setAttribute("aria-pressed", part.id === chosen);
        box.setAttribute("aria-label", `${part.label}, ${header.fates[part.fate]}`);
        box.onclick = () => { kept.focus = part.id; send("part", part.id); };
      }
      if (part.id === chosen) box.classList.add("chosen");
      boxes[part.id] = box;
    }
    return { ...column, side };
  });
  if (header.fates) {
    const legend = element("div", "legend", root);
    for (const [fate, name] of Object.entries(header.fates)) {
      const entry = element("span", `entry ${fate}`, legend);
      element("b", "", entry).textContent = header.signs[fate];
      element("span", "", entry).textContent = name;
    }
  }
  if (kept.focus !== undefined) boxes[kept.focus]?.focus({ preventScroll: true });
  kept.focus = undefined;

  function connect() {
    svg.replaceChildren();
    svg.setAttribute("width", root.clientWidth);
    svg.setAttribute("height", root.scrollHeight);
    const at = Object.fromEntries(Object.entries(boxes).map(([id, box]) => [id, placeOf(box, root)]));
    const rail = root.clientWidth < 560 ? 10 : 20;
    const leaves = (p) => (header.up ? p.top : p.bottom), enters = (p) => (header.up ? p.bottom : p.top);
    for (const column of placed) {
      const ids = column.boxes.map((b) => b.id), outer = column.side ? 1 : -1;
      const faded = (id) => column.boxes.find((b) => b.id === id).fate === "left_out";
      if (column.frame) {
        const [a, b] = column.frame.map((id) => at[id]);
        const top = Math.min(a.top, b.top) - 9, bottom = Math.max(a.bottom, b.bottom) + 16;
        drawn("rect", { x: a.left - rail - 7, y: top, width: a.width + 2 * rail + 14, height: bottom - top,
          rx: 14, fill: theme.ink, "fill-opacity": 0.035, stroke: theme.grid, "stroke-width": 1.5 }, svg);
        const times = drawn("text", { x: column.side ? a.right + rail + 2 : a.left - rail - 2, y: top - 7, fill: theme.muted,
          "font-size": 15, "text-anchor": column.side ? "end" : "start" }, svg);
        times.textContent = column.times;
      }
      for (let i = 0; i + 1 < ids.length; i++) {
        const a = at[ids[i]], b = at[ids[i + 1]];
        wire(svg, [[a.x, leaves(a)], [b.x, enters(b)]], theme.muted, { dash: faded(ids[i + 1]) ? "4 4" : "" });
      }
      for (const [first, last] of column.branches) {
        const before = at[ids[ids.indexOf(first) - 1]], a = at[first], b = at[last];
        const y = before ? (leaves(before) + enters(a)) / 2 : enters(a) + (header.up ? 9 : -9);
        const x = outer < 0 ? a.left - rail : a.right + rail;
        const end = outer < 0 ? b.left : b.right;
        wire(svg, [[a.x, y], [x, y], [x, b.y], [end, b.y]], theme.accent, { dash: faded(first) ? "4 4" : "" });
      }
    }
    for (const [from, to] of wires) {
      const a = at[from], b = at[to], y = leaves(a) + (header.up ? -16 : 16), x = (a.right + b.left) / 2;
      wire(svg, [[a.x, leaves(a)], [a.x, y], [x, y], [x, b.y], [b.left, b.y]], theme.muted, { dash: "4 4" });
    }
  }
  return atEveryWidth(root, () => { connect(); kept.height = root.offsetHeight + "px"; });
}
