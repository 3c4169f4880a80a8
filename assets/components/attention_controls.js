function button(parent, text, act, className = "") {
  const made = element("button", className, parent);
  made.type = "button";
  made.textContent = text;
  made.onclick = act;
  return made;
}

function segments(parent, label, options, act) {
  const box = element("div", "segments", parent);
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", label);
  const buttons = options.map(([code, text]) => [code, button(box, text, () => act(code))]);
  return (chosen) => buttons.forEach(([code, one]) => one.setAttribute("aria-pressed", String(code === chosen)));
}

function picker(parent, label, options, act) {
  const made = element("select", "", parent);
  made.setAttribute("aria-label", label);
  options.forEach((text, value) => { const one = element("option", "", made); one.value = value; one.textContent = text; });
  made.onchange = () => act(Number(made.value));
  return made;
}

// Which picture: all heads, lines or a matrix; one head or two.
function pictureTools({ parent, labels, state, free, change }) {
  const bar = element("div", "tools", parent);
  const mark = segments(bar, labels.show, ["grid", "lines", "matrix"].map((code) => [code, labels[code]]),
    (code) => change({ show: code }));
  const two = free ? button(bar, labels.two, () => change({
    second: state.second ? null : [state.layer, state.head], show: state.show === "grid" ? "lines" : state.show,
  }), "alone") : null;
  return () => {
    mark(state.show);
    two?.setAttribute("aria-pressed", String(Boolean(state.second)));
  };
}

// What is left out: all of it works in the browser alone.
function filterTools({ parent, labels, state, pair, change }) {
  const bar = element("div", "filters", parent);
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", labels.filters);
  const name = (box, text) => { element("span", "name", box).textContent = text; };
  let look = null;
  if (pair) {
    const box = element("span", "group", bar);
    name(box, labels.look);
    const letters = ["all", "aa", "ab", "ba", "bb"];
    look = segments(box, labels.look, letters.map((code) => [code, code === "all" ? labels.everything : [...code.toUpperCase()].join(" → ")]),
      (code) => change({ look: code }));
  }
  const hide = element("span", "group", bar);
  name(hide, labels.hide);
  const boxes = [["c", "[CLS]"], ["s", "[SEP]"], ["p", labels.punctuation]].map(([code, text]) => {
    const label = element("label", "", hide), box = element("input", "", label);
    box.type = "checkbox";
    box.onchange = () => change({ hide: boxes.filter(([, one]) => one.checked).map(([letter]) => letter).join("") });
    label.append(text);
    return [code, box];
  });
  const least = element("label", "", bar);
  name(least, labels.least);
  const range = element("input", "", least), shown = element("output", "", least);
  Object.assign(range, { type: "range", min: 0, max: 60, step: 1 });
  range.oninput = () => change({ least: Number(range.value) });
  const most = element("label", "", bar);
  name(most, labels.top);
  const tops = [0, 1, 2, 3, 5, 10];
  const top = picker(most, labels.top, tops.map((k) => (k ? String(k) : labels.everything)), (at) => change({ top: tops[at] }));
  const reset = button(bar, labels.reset, () => change({ ...OPEN_FILTER }), "alone");
  return () => {
    look?.(state.look);
    for (const [code, box] of boxes) box.checked = state.hide.includes(code);
    range.value = state.least;
    shown.textContent = state.least ? `≥ ${(state.least / 100).toFixed(2)}` : labels.everything;
    top.value = Math.max(0, tops.indexOf(state.top));
    reset.disabled = isOpen(state);
  };
}
