// A text with marked stretches: each with a tag under it, each opened by a click.
export default (given) => mount(given, build);

function build({ header, parentElement, send, kept }) {
  const { parts, theme, chosen } = header;
  parentElement.querySelector(".marked")?.remove();
  const root = element("div", "marked", parentElement);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", header.label);
  for (const [name, colour] of Object.entries(theme)) root.style.setProperty(`--${name}`, colour);
  const text = element("div", `text${header.roomy ? " roomy" : ""}`, root);
  text.dir = "auto";
  parts.forEach((part, i) => {
    if (part.piece === null) { element("span", "plain", text).textContent = part.text; return; }
    // a stretch of running text has to break with its lines, which no button can
    const box = element(header.roomy ? "button" : "span", part.colour ? "mark" : "mark none", text);
    if (header.roomy) box.type = "button";
    else {
      box.tabIndex = 0;
      box.setAttribute("role", "button");
      box.onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); box.click(); } };
    }
    box.style.setProperty("--own", theme[part.colour] || theme.muted);
    if (part.joined) box.classList.add("joined");
    if (part.piece === chosen) box.classList.add("chosen");
    box.setAttribute("aria-pressed", part.piece === chosen);
    element("span", "word", box).textContent = part.text;
    if (part.tag) element("small", "", box).textContent = part.tag;
    box.onclick = () => { kept.focus = i; send("piece", part.piece); };
    if (kept.focus === i) queueMicrotask(() => box.focus({ preventScroll: true }));
  });
  kept.focus = undefined;
  if (!header.legend.length) return () => {};
  const legend = element("div", "legend", root);
  for (const entry of header.legend) {
    const item = element("span", "entry", legend);
    const spot = element("i", "", item);
    spot.style.setProperty("--own", theme[entry.colour] || theme.muted);
    element("b", "", item).textContent = entry.tag;
    element("span", "", item).textContent = entry.text;
  }
  return () => {};
}
