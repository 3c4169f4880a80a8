// Four small pictures of a head on the encoder, as in figure 4 of the BERT paper, with their tasks.
const ROWS = {
  sentence: ["[CLS]", "1", "2", "…", "N"],
  pair: ["[CLS]", "1", "…", "N", "[SEP]", "1", "…", "M"],
  span: ["[CLS]", "1", "…", "N", "[SEP]", "1", "…", "M"],
  tags: ["[CLS]", "1", "2", "…", "N"],
};
const LIT = { sentence: [0], pair: [0], span: [5, 7], tags: [1, 2, 4] };

export default (given) => mount(given, build);

function build({ header, parentElement, send, kept }) {
  parentElement.querySelector(".cards")?.remove();
  const root = element("div", "cards", parentElement);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", header.label);
  for (const [name, colour] of Object.entries(header.theme)) root.style.setProperty(`--${name}`, colour);
  for (const card of header.cards) {
    const used = card.tasks.some((task) => task.id === header.chosen);
    const box = element("div", `card${used ? " here" : ""}`, root);
    picture(box, card.shape, header.theme, used);
    element("div", "title", box).textContent = card.title;
    const row = element("div", "tasks", box);
    for (const task of card.tasks) {
      const button = element("button", task.id === header.chosen ? "chosen" : "", row);
      button.type = "button";
      button.textContent = task.name;
      button.setAttribute("aria-pressed", task.id === header.chosen);
      button.onclick = () => { kept.focus = task.id; send("task", task.id); };
      if (kept.focus === task.id) queueMicrotask(() => button.focus({ preventScroll: true }));
    }
  }
  kept.focus = undefined;
  return () => {};
}

function picture(box, shape, theme, used) {
  const svg = drawn("svg", { viewBox: "0 0 240 118", "aria-hidden": "true" }, box);
  const names = ROWS[shape], lit = LIT[shape], wide = 236 / names.length;
  const tone = used ? theme.accent : theme.muted;
  const x = (i) => 2 + wide * (i + 0.5);
  drawn("rect", { x: 2, y: 54, width: 236, height: 26, rx: 6, fill: tone, "fill-opacity": 0.16, stroke: tone }, svg);
  const text = (words, at, y, size, colour) => {
    const made = drawn("text", { x: at, y, "text-anchor": "middle", "font-size": size, fill: colour }, svg);
    made.textContent = words;
  };
  text("BERT", 120, 71.5, 13, theme.ink);
  names.forEach((name, i) => {
    const on = lit.includes(i), second = names.indexOf("[SEP]") >= 0 && i > names.indexOf("[SEP]");
    if (name !== "…") {
      drawn("rect", { x: x(i) - wide / 2 + 2, y: 94, width: wide - 4, height: 20, rx: 4, fill: second ? theme.segment : theme.muted,
        "fill-opacity": 0.16, stroke: second ? theme.segment : theme.muted, "stroke-opacity": 0.6 }, svg);
      drawn("circle", { cx: x(i), cy: 38, r: 7, fill: on ? tone : "none", stroke: on ? tone : theme.muted, "stroke-opacity": on ? 1 : 0.5, "stroke-width": 1.5 }, svg);
      wire(svg, [[x(i), 94], [x(i), 81]], theme.muted, { wide: 1.2 });
      wire(svg, [[x(i), 54], [x(i), 46]], on ? tone : theme.muted, { wide: 1.2 });
    }
    text(name, x(i), 108, name.length > 2 ? (wide < 40 ? 8.2 : 11) : 12, theme.ink);
    if (on) {
      wire(svg, [[x(i), 31], [x(i), 21]], tone, { wide: 1.6 });
      if (shape === "tags") drawn("rect", { x: x(i) - wide / 2 + 5, y: 5, width: wide - 10, height: 14, rx: 4, fill: tone }, svg);
    }
  });
  if (shape === "sentence" || shape === "pair")
    drawn("rect", { x: 4, y: 5, width: 62, height: 14, rx: 4, fill: tone }, svg);
  if (shape === "span")
    drawn("rect", { x: x(5) - wide / 2 + 2, y: 5, width: 3 * wide - 4, height: 14, rx: 4, fill: tone }, svg);
}
