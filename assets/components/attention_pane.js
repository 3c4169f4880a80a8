// One opened head: its caption with two pickers, its picture, what is pointed at, its table.
function headPane({ parent, tables, index, header, colours, rem, act }) {
  const { theme, labels } = header;
  const root = element("div", "pane", parent);
  root.style.setProperty("--mark", index ? theme.key : theme.accent);
  const caption = element("div", "caption", root);
  const number = element("span", "number", caption);
  number.textContent = index + 1;
  const layer = picker(caption, labels.layer, header.rows.map((name) => `${labels.layer} ${name}`), (l) => act.move(index, [l, Number(head.value)]));
  const head = picker(caption, labels.head, header.columns.map((name) => (header.average === null ? name : /^\d+$/.test(name) ? `${labels.head} ${name}` : labels.average)),
    (c) => act.move(index, [Number(layer.value), c]));
  const title = element("span", "title", caption);
  root.onpointerdown = () => act.activate(index);
  const scroller = element("div", "scroller", root), stage = element("div", "stage", scroller);
  const base = element("canvas", "base", stage), over = element("canvas", "over", stage);
  over.tabIndex = 0;
  over.setAttribute("role", "application");
  const told = element("div", "told", root);
  told.setAttribute("aria-live", "polite");
  const table = element("table", "", tables);
  let picture = null, size = null, found = null, block = null, hover = null, pin = null, waiting = 0;

  function show(pane, weights, state, many) {
    block = header.blocks[pane.block];
    number.hidden = !many;
    layer.value = pane.layer;
    head.value = pane.head;
    title.textContent = block.title || "";
    over.setAttribute("aria-label", `${header.say([pane.layer, pane.head])}. ${labels.keys}`);
    if (!weights) { told.textContent = labels.waiting; picture = null; return; }
    found = opened(weights, block, state);
    const make = state.show === "matrix" ? matrixPicture : linesPicture;
    picture = make({ head: found, block, theme, rem, colours, pair: block.pair });
    size = picture.layout(base.getContext("2d"), root.clientWidth || 600);
    scroller.classList.toggle("tall", size.height > 1000 * rem);
    stage.style.width = size.width + "px";
    stage.style.height = size.height + "px";
    picture.draw(sharp(base, size.width, size.height));
    sharp(over, size.width, size.height);
    list(pane);
    point(hover, pin);
  }

  const name = (i) => block.tokens[found.from + i];
  const within = (spot) => (spot && found ? { q: inside(spot.q), k: inside(spot.k) } : null);
  const inside = (i) => (i === null || i === undefined || i < found.from || i >= found.from + found.n ? null : i - found.from);

  // hover and pin count pieces from the start of the text
  function point(newHover, newPin) {
    hover = newHover;
    pin = newPin;
    if (!picture) return;
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => {
      const pen = sharp(over, size.width, size.height), spot = within(hover || pin);
      const shown = spot && (spot.q !== null || spot.k !== null) ? spot : null;
      base.style.opacity = shown && picture.fades ? 0.13 : 1;
      if (shown) picture.point(pen, shown);
      tell(shown);
    });
  }

  function tell(spot) {
    told.classList.toggle("link", Boolean(spot));
    if (!spot) {
      told.textContent = labels.share.replace("{share}", (100 * found.share).toFixed(0));
      return;
    }
    const { q, k } = spot;
    if (q !== null && k !== null) {
      const weight = found.kept[q * found.n + k];
      told.textContent = `${name(q)} → ${name(k)}  ${weight ? act.number(weight, index) : labels.filtered}`;
      return;
    }
    const best = found.links.find((link) => (q !== null ? link[1] === q : link[2] === k));
    const start = q !== null ? `${name(q)} →` : `→ ${name(k)}`;
    told.textContent = best ? `${start}  ${labels.strongest} ${name(best[q !== null ? 2 : 1])} ${act.number(best[0], index)}` : `${start}  ${labels.filtered}`;
  }

  function list(pane) {
    table.replaceChildren();
    element("caption", "", table).textContent = `${header.say([pane.layer, pane.head])}${block.title ? ` · ${block.title}` : ""}`;
    const row = (tag, cells) => { const line = element("tr", "", table); for (const text of cells) element(tag, "", line).textContent = text; };
    row("th", [labels.looks, labels.seen, labels.weight]);
    for (const [w, q, k] of found.links.slice(0, 15)) row("td", [`${found.from + q} ${name(q)}`, `${found.from + k} ${name(k)}`, act.number(w, index)]);
  }

  const spotAt = (event) => {
    if (!picture) return null;
    const area = over.getBoundingClientRect();
    const spot = picture.at(event.clientX - area.left, event.clientY - area.top);
    return spot && { q: spot.q === null ? null : spot.q + found.from, k: spot.k === null ? null : spot.k + found.from };
  };
  over.onpointermove = (event) => act.hover(index, spotAt(event));
  over.onpointerleave = () => act.hover(index, null);
  over.onclick = (event) => { const spot = spotAt(event); act.pin(index, spot && pin && spot.q === pin.q && spot.k === pin.k ? null : spot); };
  over.onkeydown = (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (step && picture && found.rows.length && found.columns.length) {
      const from = within(hover || pin) ?? { q: null, k: null };
      const go = (places, at, by) => places[Math.max(0, Math.min(places.length - 1, places.indexOf(at) + by))];
      const q = step[0] || from.q === null ? go(found.rows, from.q, step[0] || 1) : from.q;
      const k = step[1] ? go(found.columns, from.k, step[1]) : from.k;
      act.hover(index, { q: q + found.from, k: k === null ? null : k + found.from });
    } else if (event.key === "Enter" || event.key === " ") act.pin(index, hover || null);
    else if (event.key === "Escape") { act.hover(index, null); act.pin(index, null); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return {
    show, point, root,
    hide: (hidden) => { root.hidden = table.hidden = hidden; root.style.display = hidden ? "none" : ""; },
    png: (name) => savePng([base, over], theme, name),
    svg: (name) => picture && saveSvg(picture, size, theme, name),
  };
}
