const FEW = 12; // outputs that are drawn larger
const TALL = 16; // numbers a column of a vector's small picture

export default (given) => mount(given, build);

function build({ header, payload, parentElement, send, kept }) {
  const { outputs, theme, chosen, bands, size } = header;
  const colours = ramp(header.palette);
  parentElement.querySelector(".shape")?.remove();
  const root = element("div", "shape", parentElement);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", header.label);
  for (const [name, colour] of Object.entries(theme)) root.style.setProperty(`--${name}`, colour);
  const scroller = element("div", "scroller", root);
  const stage = element("div", `stage${outputs.length <= FEW ? " large" : ""}`, scroller);
  stage.style.gridTemplateColumns = `repeat(${outputs.length}, max-content)`;

  function place(box, row, from, to = from) {
    box.style.gridRow = row;
    box.style.gridColumn = `${from + 1} / ${to + 2}`;
    return box;
  }

  for (const top of header.tops) {
    const box = place(element("div", `top${top.wide ? " wide" : ""}`, stage), 1, top.from, top.to);
    box.style.setProperty("--own", theme[top.colour] || theme.muted);
    element("b", "", box).textContent = top.title;
    if (top.text) element("span", "", box).textContent = top.text;
  }
  for (const head of header.heads) {
    const box = place(element("div", "headbar", stage), 3, head.from, head.to);
    element("span", "", box).textContent = head.text;
  }
  const buttons = outputs.map((output, i) => {
    const lit = output.lit;
    if (output.up) place(element("div", "arrow lit", stage), 2, i);
    if (lit) place(element("div", "arrow lit", stage), 4, i);
    const button = place(element("button", `output${lit ? " lit" : ""}${i === chosen ? " chosen" : ""}`, stage), 5, i);
    button.type = "button";
    button.setAttribute("aria-pressed", i === chosen);
    button.setAttribute("aria-label", `${output.name} ${output.token}${lit ? ", " + header.read : ""}`);
    const picture = element("canvas", "", button);
    paint(picture, payload.subarray(i * size, (i + 1) * size));
    element("span", "name", button).textContent = output.name;
    button.onclick = () => { kept.focus = i; send("output", i); };
    place(element("div", `arrow${lit ? " lit" : ""}`, stage), 6, i);
    place(element("div", "arrow", stage), 8, i);
    const chip = place(element("div", `chip${output.segment ? " b" : ""}${output.special ? " special" : ""}`, stage), 9, i);
    chip.textContent = output.token;
    chip.dir = "auto";
    return button;
  });
  const block = place(element("div", "block", stage), 7, 0, outputs.length - 1);
  const title = element("div", "said", block);
  element("b", "", title).textContent = header.encoder;
  element("span", "", title).textContent = header.adapter;
  for (const band of bands) {
    const box = place(element("div", `band${band.second ? " b" : ""}`, stage), 10, band.from, band.to);
    element("span", "", box).textContent = band.text;
  }

  function paint(canvas, levels) {
    const wide = Math.ceil(size / TALL);
    canvas.width = wide;
    canvas.height = TALL;
    const small = bitmap(wide, TALL, colours, (k) => {
      const h = (k % wide) * TALL + Math.floor(k / wide); // down each column, then the next
      return h < size ? levels[h] : -1;
    });
    canvas.getContext("2d").drawImage(small, 0, 0);
  }

  if (kept.focus !== undefined) buttons[kept.focus]?.focus({ preventScroll: true });
  kept.focus = undefined;
  const told = outputs.map((o) => o.token).join(" ") + header.head;
  if (kept.told !== told) { kept.told = told; kept.scroll = undefined; }
  return atEveryWidth(root, () => {
    if (kept.scroll === undefined && header.focus > 0) {
      const at = buttons[header.focus];
      kept.scroll = Math.max(0, at.offsetLeft - scroller.clientWidth / 2);
    }
    scroller.scrollLeft = kept.scroll || 0;
    scroller.onscroll = () => { kept.scroll = scroller.scrollLeft; };
  });
}
