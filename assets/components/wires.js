// Lines between boxes, drawn as SVG behind them.
function drawn(tag, attributes, parent) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent.appendChild(made);
  return made;
}

// A line through points with round corners and an arrow head at its end.
function wire(svg, points, colour, { head = true, dash = "", wide = 2 } = {}) {
  const along = ([x, y], [to, down], length) => {
    const far = Math.hypot(to - x, down - y) || 1;
    return [x + ((to - x) * length) / far, y + ((down - y) * length) / far];
  };
  const path = points.slice();
  const end = path[path.length - 1], before = path[path.length - 2];
  if (head) path[path.length - 1] = along(end, before, 6);
  let d = `M${path[0]}`;
  for (let i = 1; i < path.length - 1; i++) {
    const room = Math.min(
      Math.hypot(path[i][0] - path[i - 1][0], path[i][1] - path[i - 1][1]),
      Math.hypot(path[i + 1][0] - path[i][0], path[i + 1][1] - path[i][1]),
    );
    const round = Math.min(10, room / 2);
    d += `L${along(path[i], path[i - 1], round)}Q${path[i]} ${along(path[i], path[i + 1], round)}`;
  }
  d += `L${path[path.length - 1]}`;
  drawn("path", { d, fill: "none", stroke: colour, "stroke-width": wide, "stroke-dasharray": dash }, svg);
  if (!head) return;
  const [x, y] = along(end, before, 9), ux = (end[0] - x) / 9, uy = (end[1] - y) / 9;
  const corners = [end, [x - uy * 5, y + ux * 5], [x + uy * 5, y - ux * 5]];
  drawn("path", { d: `M${corners.join("L")}Z`, fill: colour }, svg);
}

// Where an element lies inside root, whatever the page's zoom or scroll.
function placeOf(box, root) {
  let x = 0, y = 0;
  for (let at = box; at && at !== root; at = at.offsetParent) { x += at.offsetLeft; y += at.offsetTop; }
  const width = box.offsetWidth, height = box.offsetHeight;
  return { left: x, top: y, right: x + width, bottom: y + height, x: x + width / 2, y: y + height / 2, width, height };
}
