export default (given) => mount(given, build);

const ROOTS = Uint8Array.from({ length: 256 }, (_, byte) => Math.round(Math.sqrt(byte / 255) * 255));
const START = { show: "grid", layer: 0, head: 0, second: null, pin: null, ...OPEN_FILTER };

function build({ header, payload, parentElement, send, kept }) {
  const { blocks, labels, theme, pair } = header;
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const colours = ramp(header.palette);
  const state = (kept.state ??= { ...START }), filters = () => state;
  const exact = new Map(); // "block.layer.head" -> {values, from, n}
  let active = 0, unsaid = 0, started = false, hover = null;
  const heads = header.average ? header.columns.length - 1 : header.columns.length;
  let offset = 0;
  for (const block of blocks) {
    block.offset = offset;
    block.pair = block.segments.includes(1);
    offset += header.rows.length * heads * block.side * block.side;
  }
  header.say = ([l, c]) => {
    if (header.average === null) return `${labels.layer} ${header.rows[l]} · ${header.columns[c]}`;
    return c < heads ? labels.layer_head.replace("{layer}", l).replace("{head}", c) : labels.layer_average.replace("{layer}", l);
  };

  parentElement.querySelector(".frame")?.remove();
  const frame = element("div", "frame", parentElement), root = element("div", `views ${header.dark ? "dark" : ""}`, frame);
  root.style.color = theme.ink;
  if (kept.height) root.style.minHeight = kept.height; // the page must not jump while it is redrawn
  const free = !pair;
  const tools = pictureTools({ parent: root, labels, state, free, change });
  const sieve = filterTools({ parent: root, labels, state, change, pair: blocks.some((block) => block.pair) });
  const floor = element("div", "floor", root), side = element("div", "side", floor), room = element("div", "panes", floor);
  const foot = element("div", "foot", root);
  const legend = element("span", "legend", foot);
  legend.append("0");
  element("i", "", legend).style.background = `linear-gradient(to right, ${header.palette})`;
  legend.append(`1 · ${labels.scale}`);
  const links = element("div", "links quiet", root);
  const asTable = button(foot, labels.table, () => {
    links.classList.toggle("quiet");
    asTable.setAttribute("aria-pressed", String(!links.classList.contains("quiet")));
  }, "alone");
  asTable.setAttribute("aria-pressed", "false");
  const exports = element("span", "exports", foot);

  // Streamlit's triggers wait until the fingers rest: the picture has changed long before.
  function change(some, silent = false) {
    Object.assign(state, some);
    if (some.layer !== undefined || some.second !== undefined || some.show !== undefined) hover = null;
    if (["look", "hide", "least", "top"].some((name) => name in some)) grid.forget();
    draw();
    if (silent) return;
    kept.turn = (kept.turn ?? 0) + 1;
    clearTimeout(unsaid);
    unsaid = setTimeout(() => send("view", { turn: kept.turn, ...state }), 250);
  }

  function panes() {
    if (state.show === "grid") return [];
    const first = { block: 0, layer: state.layer, head: state.head };
    if (pair === "texts") return [first, { ...first, block: 1 }];
    if (pair === "columns") return [first, { block: 0, layer: state.layer, head: state.second?.[1] ?? heads - 1 }];
    return state.second ? [first, { block: 0, layer: state.second[0], head: state.second[1] }] : [first];
  }

  function move(pane, [layer, head]) {
    if (pair === "texts" || !(pane && (pair || state.second))) {
      change({ layer, head, ...(pair === "columns" ? { second: [layer, state.second?.[1] ?? heads - 1] } : {}) });
    } else change({ second: [layer, head], ...(pair === "columns" ? { layer } : {}) });
  }

  // Bytes of one head, or the mean of a layer's, as shares of 1.
  function fromBytes(index, l, c) {
    const block = blocks[index], area = block.side ** 2;
    const values = new Float32Array(area);
    const [first, count] = c < heads ? [c, 1] : [0, heads];
    for (let h = first; h < first + count; h++) {
      const at = block.offset + (l * heads + h) * area;
      for (let i = 0; i < area; i++) values[i] += payload[at + i];
    }
    for (let i = 0; i < area; i++) values[i] /= 255 * count;
    return values;
  }

  function weightsOf({ block, layer, head }) {
    const known = exact.get(`${block}.${layer}.${head}`);
    if (known) return known;
    return blocks[block].pool === 1 ? { values: fromBytes(block, layer, head), from: 0, n: blocks[block].side } : null;
  }

  // A thumbnail obeys the filters, unless several pieces share a cell of it.
  function face(l, c) {
    const index = pair === "texts" ? active : 0, block = blocks[index], m = block.side;
    const whole = block.pool > 1 || isOpen(state);
    if (whole && c < heads) { // the common case stays in bytes
      const from = block.offset + (l * heads + c) * m * m;
      return bitmap(m, m, colours, (i) => ROOTS[payload[from + i]]);
    }
    let values = fromBytes(index, l, c);
    if (!whole) values = sifted(values, m, 1, passing(block, 0, m, state), state);
    return bitmap(m, m, colours, (i) => Math.round(Math.sqrt(values[i]) * 255));
  }

  const grid = headGrid({
    parent: side, theme, rem, face, label: labels.overview,
    header: Object.assign(header, { active: () => (state.second && !pair ? active : 0) }),
    onMove: (head) => move(pair === "texts" ? 0 : active, head),
    onOpen: () => { if (state.show === "grid") change({ show: kept.last ?? "lines" }); },
    onLeave: () => change({ show: "grid" }),
  });

  const across = (spot, from, to) => {
    if (!spot || from === to || pair !== "texts") return spot;
    const there = from === 0 ? (i) => blocks[0].partner[i] : (i) => blocks[0].partner.indexOf(i);
    const one = (i) => { const found = i === null || i === undefined ? -1 : there(i); return found < 0 ? null : found; };
    return { q: one(spot.q), k: one(spot.k) };
  };
  const pinned = () => state.pin && { q: state.pin[0], k: state.pin[1] };
  const repoint = () => views.forEach((view, index) => view.point(hover && across(hover.spot, hover.index, index), across(pinned(), 0, index)));
  const act = {
    move,
    activate: (index) => { if (index !== active) { active = index; if (pair === "texts") { grid.forget(); draw(); } } },
    hover: (index, spot) => { hover = spot && { index, spot }; repoint(); },
    pin: (index, spot) => {
      const own = across(spot, index, 0);
      state.pin = own && (own.q !== null || own.k !== null) ? [own.q, own.k] : null;
      change({});
    },
    number: (weight, index) => {
      const pane = panes()[index];
      return pane && exact.has(`${pane.block}.${pane.layer}.${pane.head}`) ? say(weight) : `≈ ${weight.toFixed(2)}`;
    },
  };
  const views = [0, 1].map((index) => headPane({ parent: room, tables: links, index, header, colours, rem, act }));
  const fileName = (pane) => header.say([pane.layer, pane.head]).replace(/[^\p{L}\p{N}]+/gu, "-");
  for (const kind of ["png", "svg"]) {
    button(exports, kind.toUpperCase(), () => panes().forEach((pane, index) => views[index][kind](fileName(pane))), "alone")
      .setAttribute("aria-label", labels.save.replace("{kind}", kind.toUpperCase()));
  }

  function draw() {
    if (!started) return;
    const open = panes();
    if (open.length) kept.last = state.show;
    root.classList.toggle("opened", open.length > 0);
    root.classList.toggle("two", open.length > 1);
    exports.hidden = asTable.hidden = links.hidden = !open.length;
    tools();
    sieve();
    grid.draw((open.length ? 44 : header.average === null ? 170 : 92) * rem);
    grid.choose(pair === "texts" || !open.length ? [[state.layer, state.head]] : open.map((pane) => [pane.layer, pane.head]));
    views.forEach((view, index) => {
      view.hide(index >= open.length);
      if (open[index]) view.show(open[index], weightsOf(open[index]), filters(), open.length > 1);
    });
    repoint();
    root.style.minHeight = "";
    kept.height = root.offsetHeight + "px";
  }

  // The server's word: a view from the address or a button, and the exact weights of open heads.
  function listen() {
    const word = window.insideBertViews?.[header.view];
    if (!word || word.header.tag !== header.tag) return;
    let from = 0;
    for (const pane of word.header.panes) {
      const values = word.values.subarray(from, from += pane.n ** 2);
      exact.set(`${pane.block}.${pane.layer}.${pane.head}`, { values, from: pane.from, n: pane.n });
    }
    const newer = word.header.turn >= (kept.turn ?? 0);
    if (newer) {
      kept.turn = word.header.turn;
      if (!isOpen(state) || !isOpen(word.header.state)) grid.forget();
      Object.assign(state, word.header.state);
    }
    started = true;
    draw();
  }
  const heard = ({ detail }) => { if (detail === header.view) listen(); };
  window.addEventListener("inside-bert-view", heard);
  const late = setTimeout(() => { started = true; draw(); }, 600);
  listen();
  const unwatch = atEveryWidth(root, () => draw());
  return () => {
    unwatch();
    clearTimeout(late);
    window.removeEventListener("inside-bert-view", heard);
  };
}
