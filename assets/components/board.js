// A board of cells to choose from: a heading for every row and column, a colour, a word and a
// number in each cell. Arrows walk, Enter chooses, as in a table of buttons.
export default function ({ data, parentElement, setTriggerValue }) {
  const { rows, columns, cells, selected, legend, label, corner, wide } = data;
  const before = parentElement.querySelector(".board");
  const scrolled = before?.querySelector(".scroller")?.scrollLeft || 0;
  const held = before?.querySelector("[data-focused]")?.dataset.at;
  before?.remove();
  const root = element("div", wide ? "board wide" : "board", parentElement);
  if (legend.length) {
    const list = element("ul", "legend", root);
    for (const { color, mark, text } of legend) {
      const item = element("li", "", list);
      const patch = element("span", "patch", item);
      patch.textContent = mark;
      paint(patch, color, 0.45);
      item.append(text);
    }
  }
  if (!cells.length) return;
  const scroller = element("div", "scroller", root);
  const grid = element("div", "grid", scroller);
  grid.setAttribute("role", "grid");
  grid.setAttribute("aria-label", label);
  grid.style.setProperty("--columns", columns.length);
  const heading = (text, parent, role) => {
    const made = element("div", "heading", parent);
    made.textContent = text;
    made.setAttribute("role", role);
  };
  const buttons = [];
  const top = element("div", "row", grid);
  top.setAttribute("role", "row");
  heading(corner, top, "columnheader");
  for (const name of columns) heading(name, top, "columnheader");
  cells.forEach((line, r) => {
    const row = element("div", "row", grid);
    row.setAttribute("role", "row");
    heading(rows[r], row, "rowheader");
    buttons.push(line.map((cell, c) => {
      const holder = element("div", "holder", row);
      holder.setAttribute("role", "gridcell");
      const made = element("button", "cell", holder);
      made.type = "button";
      made.dataset.at = `${r} ${c}`;
      made.title = cell.about;
      made.setAttribute("aria-label", cell.about);
      if (cell.color) paint(made, cell.color, cell.strength);
      if (cell.badge) made.classList.add(`badge-${cell.badge}`);
      element("span", "mark", made).textContent = cell.mark;
      element("span", "value", made).textContent = cell.value;
      const here = selected && selected[0] === r && selected[1] === c;
      if (here) made.classList.add("chosen");
      made.setAttribute("aria-pressed", Boolean(here));
      made.tabIndex = (selected ? here : r + c === 0) ? 0 : -1;
      made.onclick = () => setTriggerValue("cell", [r, c]);
      made.onfocus = () => { made.dataset.focused = "1"; };
      made.onblur = () => { delete made.dataset.focused; };
      made.onkeydown = (event) => walk(event, r, c);
      return made;
    }));
  });
  function walk(event, r, c) {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = buttons[r + step[0]]?.[c + step[1]];
    if (!next) return;
    buttons[r][c].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
  scroller.scrollLeft = scrolled;
  if (held) buttons.flat().find((one) => one.dataset.at === held)?.focus();
}

// The colour, mixed with the page's own by strength; the text keeps the page's ink.
function paint(target, color, strength) {
  target.style.setProperty("--color", color);
  target.style.setProperty("--strength", `${Math.round(100 * strength)}%`);
  target.classList.add("painted");
}
