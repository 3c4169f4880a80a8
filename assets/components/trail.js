// The way from the number down to what is open, each step a way back.
export default function ({ data, parentElement, setTriggerValue }) {
  parentElement.querySelector("nav")?.remove();
  const nav = element("nav", "trail", parentElement);
  nav.setAttribute("aria-label", data.label);
  const list = element("ol", "", nav);
  data.crumbs.forEach(({ symbol, value, words }, at) => {
    const here = at === data.crumbs.length - 1;
    const button = element("button", here ? "crumb here" : "crumb", element("li", "", list));
    button.type = "button";
    button.title = words;
    if (here) button.setAttribute("aria-current", "step");
    const box = element("span", "glyph", button);
    if (symbol.colour) box.style.color = symbol.colour;
    element("i", "", box).textContent = symbol.plain;
    const marks = element("span", symbol.above ? "marks" : "marks low", box);
    if (symbol.above) element("sup", "", marks).textContent = symbol.above;
    if (symbol.below) element("sub", "", marks).textContent = symbol.below;
    element("span", "digits", button).textContent = say(value);
    button.onclick = () => setTriggerValue("place", at);
  });
}
