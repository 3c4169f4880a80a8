const FIRST = 8; // terms shown before "the others" is opened

function glyph(parent, { plain, above, below, colour }, place) {
  const put = (text) => (place === undefined ? text : text.replace("#", place));
  const box = element("span", "glyph", parent);
  if (colour) box.style.color = colour;
  element("i", "", box).textContent = plain;
  const marks = element("span", above ? "marks" : "marks low", box);
  if (above) element("sup", "", marks).textContent = put(above);
  if (below) element("sub", "", marks).textContent = put(below);
  return box;
}

function pill(parent, step, { open, send, kept }) {
  const button = element("button", "pill", parent);
  button.type = "button";
  button.dataset.step = step;
  button.setAttribute("aria-expanded", step === open);
  if (step === open) button.classList.add("open");
  button.onclick = () => { kept.focus = step; send("step", step); };
  return button;
}

function valuesRow(root, header) {
  const row = element("div", "values", root);
  for (const { label, text, help } of header.values) {
    const cell = element("div", "value", row);
    cell.title = help || "";
    element("span", "label", cell).textContent = label;
    element("span", "digits", cell).textContent = text;
  }
  const badge = element("div", header.holds ? "badge good" : "badge bad", row);
  element("span", "mark", badge).textContent = header.holds ? "✓" : "!";
  element("span", "", badge).textContent = header.difference;
}

function partsList(root, header, control) {
  if (!header.parts.length) return;
  element("p", "heading", root).textContent = header.labels.parts;
  const list = element("ul", "parts", root);
  for (const part of header.parts) {
    const button = pill(element("li", "", list), part.step, control);
    glyph(button, part.symbol);
    const words = element("span", "words", button);
    words.textContent = part.words;
    if (part.leaf) element("small", "leaf", words).textContent = part.leaf;
    element("span", "digits", button).textContent = say(part.value);
    element("span", "chevron", button).textContent = part.step === control.open ? "▾" : "▸";
  }
}

function termRow(list, terms, at, arrays, largest, control) {
  const place = arrays.places[at], item = element("li", "term", list);
  const name = element("span", "place", item);
  name.textContent = terms.names ? terms.names[at] : `${terms.letter} = ${place}`;
  name.title = name.textContent;
  const factors = element("span", "factors", item);
  const left = pill(factors, `${place}`, control);
  glyph(left, terms.left, place);
  element("span", "digits", left).textContent = say(arrays.left[at]);
  if (terms.right) {
    element("span", "sign", factors).textContent = "×";
    const right = pill(factors, `${place}r`, control);
    glyph(right, terms.right, place);
    element("span", "digits", right).textContent = say(arrays.right[at]);
  }
  if (terms.result) {
    const result = element("span", "result", item);
    element("span", "sign", result).textContent = "=";
    element("span", "digits", result).textContent = say(arrays.terms[at]);
  }
  const bar = element("span", "bar", item), fill = element("span", "fill", bar);
  const share = Math.min(1, Math.abs(arrays.terms[at]) / largest);
  bar.setAttribute("aria-hidden", "true");
  fill.style.width = `${(terms.signed ? 50 : 100) * share}%`;
  fill.classList.add(arrays.terms[at] < 0 ? "down" : "up");
  if (!terms.signed) bar.classList.add("one-sided");
}

function termsList(root, header, arrays, control) {
  const { terms, labels } = header, { kept } = control;
  if (!terms) return;
  element("p", "heading", root).textContent = labels.terms;
  const sent = arrays.places.length;
  const largest = arrays.terms.reduce((top, t) => Math.max(top, Math.abs(t)), 1e-30);
  const list = element("ol", "terms", root);
  for (let at = 0; at < Math.min(FIRST, sent); at++) {
    termRow(list, terms, at, arrays, largest, control);
  }
  const opened = arrays.places.indexOf(parseInt(control.open, 10));
  if (opened >= FIRST) {
    element("li", "gap", list).textContent = "⋮";
    termRow(list, terms, opened, arrays, largest, control);
  }
  if (sent <= FIRST) return;
  const more = element("button", "others", root);
  more.type = "button";
  const hidden = element("ol", "terms all", root);
  const show = () => {
    more.setAttribute("aria-expanded", Boolean(kept.all));
    more.textContent = "";
    element("span", "chevron", more).textContent = kept.all ? "▾" : "▸";
    element("span", "words", more).textContent = labels.others;
    if (terms.rest) element("span", "digits", more).textContent = terms.rest;
    hidden.hidden = !kept.all;
    if (!kept.all || hidden.childElementCount) return;
    for (let at = FIRST; at < sent; at++) termRow(hidden, terms, at, arrays, largest, control);
    if (labels.unsent) element("li", "unsent", hidden).textContent = labels.unsent;
  };
  more.onclick = () => { kept.all = !kept.all; show(); };
  show();
  pickAny(root, header, control);
}

// Any term by its number (or, over the vocabulary, by its word): the list may hold only some.
function pickAny(root, { labels, terms }, { send, kept }) {
  const form = element("form", "any", root);
  const label = element("label", "", form);
  element("span", "", label).textContent = labels.any;
  const field = element("input", "", label);
  field.inputMode = terms.names ? "text" : "numeric";
  field.autocomplete = "off";
  const go = element("button", "pill", form);
  go.type = "submit";
  go.textContent = labels.open;
  form.onsubmit = (event) => {
    event.preventDefault();
    const asked = field.value.trim();
    if (asked) { kept.focus = asked; send("step", `?${asked}`); }
  };
}

// Up and down move through all that can be opened.
function arrows(root) {
  root.onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target.matches("input")) return;
    const all = [...root.querySelectorAll("button")].filter((b) => b.offsetParent);
    const next = all[all.indexOf(event.target) + step];
    if (next) { event.preventDefault(); next.focus(); }
  };
}

export default function (component) {
  return mount(component, ({ header, payload, parentElement, send, kept }) => {
    const m = header.sent, floats = (from) => new Float32Array(payload.buffer, from, m);
    const right = Boolean(header.terms?.right);
    const arrays = m ? {
      places: new Int32Array(payload.buffer, 0, m), left: floats(4 * m),
      right: right ? floats(8 * m) : null, terms: floats((right ? 12 : 8) * m),
    } : null;
    const root = element("div", "derivation", parentElement);
    root.style.setProperty("--up", header.theme.up);
    root.style.setProperty("--down", header.theme.down);
    root.style.setProperty("--good", header.theme.good);
    root.style.setProperty("--bad", header.theme.bad);
    const control = { open: header.open, send, kept };
    valuesRow(root, header);
    termsList(root, header, arrays, control);
    partsList(root, header, control);
    arrows(root);
    if (kept.focus) {
      const again = [...root.querySelectorAll("button")].find((b) => b.dataset.step === kept.focus);
      again?.focus({ preventScroll: true });
    }
    if (header.arrived && kept.seen !== header.arrived) {
      kept.seen = header.arrived;
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      setTimeout(() => root.scrollIntoView(
        { block: "center", behavior: calm ? "auto" : "smooth" }), 350);
    }
    return () => root.remove();
  });
}
