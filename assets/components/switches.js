// One button a head; arrows move, Enter or Space switches. The page decides what a click does.
export default function ({ data, parentElement, setTriggerValue }) {
  const { rows, columns, off, label, states } = data;
  const dark = new Set(off.map(([r, c]) => `${r}.${c}`));
  const old = parentElement.querySelector(".board");
  const held = old && old.contains(parentElement.getRootNode().activeElement);
  const at = old?.at || [0, 0];
  old?.remove();
  const board = element("div", "board", parentElement);
  board.setAttribute("role", "group");
  board.setAttribute("aria-label", label);
  board.style.setProperty("--columns", columns);
  element("span", "corner", board);
  for (let c = 0; c < columns; c++) element("span", "top", board).textContent = c;
  const buttons = rows.map((name, r) => {
    const side = button("side", name, r, -1);
    side.textContent = name;
    return Array.from({ length: columns }, (_, c) => {
      const lit = !dark.has(`${r}.${c}`);
      const head = button(lit ? "head" : "head off", `${name}, ${c}: ${states[lit ? 0 : 1]}`, r, c);
      head.setAttribute("aria-pressed", !lit);
      return head;
    });
  });

  function button(kind, spoken, r, c) {
    const made = element("button", kind, board);
    made.type = "button";
    made.title = spoken;
    made.setAttribute("aria-label", spoken);
    made.tabIndex = c < 0 || (r === at[0] && c === at[1]) ? 0 : -1;
    made.onclick = () => {
      board.at = [r, Math.max(0, c)];
      setTriggerValue("clicked", [r, c]);
    };
    return made;
  }

  board.at = at;
  board.onkeydown = (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move || !event.target.classList.contains("head")) return;
    event.preventDefault();
    const r = Math.max(0, Math.min(rows.length - 1, board.at[0] + move[0]));
    const c = Math.max(0, Math.min(columns - 1, board.at[1] + move[1]));
    buttons[board.at[0]][board.at[1]].tabIndex = -1;
    buttons[r][c].tabIndex = 0;
    buttons[r][c].focus();
    board.at = [r, c];
  };
  board.addEventListener("focusin", ({ target }) => {
    const r = buttons.findIndex((row) => row.includes(target));
    if (r >= 0) board.at = [r, buttons[r].indexOf(target)];
  });
  if (held) buttons[Math.min(at[0], rows.length - 1)][Math.min(at[1], columns - 1)].focus({ preventScroll: true });
}
