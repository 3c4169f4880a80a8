export default function ({ data, parentElement, setTriggerValue }) {
  const { tokens, sublabels, kinds, selected, values, label, clickable } = data;
  parentElement.querySelector(".chips")?.remove();
  const root = element("div", "chips", parentElement);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", label);
  tokens.forEach((token, i) => {
    const chip = element(clickable ? "button" : "span", "chip", root);
    const inner = token.startsWith("##") && token.length > 2;
    if (inner) chip.classList.add("continued");
    if (/^\[(CLS|SEP|PAD)\]$/.test(token)) chip.classList.add("special");
    if (token === "[MASK]") chip.classList.add("mask");
    if (token === "[UNK]") chip.classList.add("unknown");
    if (kinds) chip.classList.add(`kind-${kinds[i]}`);
    if (values) chip.style.setProperty("--share", values[i]);
    if (values) chip.classList.add("valued");
    const word = element("span", "word", chip);
    word.dir = "auto";
    if (inner) { element("span", "hashes", word).textContent = "##"; word.append(token.slice(2)); }
    else word.textContent = token;
    if (sublabels) element("span", "sub", chip).textContent = sublabels[i];
    if (clickable) {
      chip.type = "button";
      chip.setAttribute("aria-pressed", selected.includes(i));
      chip.onclick = () => setTriggerValue("clicked", i);
    }
    if (selected.includes(i)) chip.classList.add("chosen");
  });
}
