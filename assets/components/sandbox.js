export default function (component) {
  return mount(component, ({ header, payload, parentElement }) => {
    const root = element("div", "sandbox", parentElement);
    const frame = element("iframe", "", root);
    const told = element("p", "told", root);
    told.setAttribute("role", "status");
    frame.title = header.label;
    frame.setAttribute("sandbox", "allow-scripts"); // no allow-same-origin: an origin of its own
    frame.referrerPolicy = "no-referrer";
    frame.style.height = `${header.height}px`;
    const hear = ({ source, data }) => {
      if (source !== frame.contentWindow || typeof data !== "object" || data === null) return;
      const { height, elements, milliseconds } = data; // numbers or nothing
      if (Number.isFinite(height)) frame.style.height = `${Math.min(Math.max(height, 60), 20000)}px`;
      if (!Number.isFinite(elements) || !Number.isFinite(milliseconds)) return;
      told.textContent = header.drawn
        .replace("{elements}", Math.round(elements).toLocaleString("en"))
        .replace("{seconds}", (milliseconds / 1000).toFixed(2));
    };
    addEventListener("message", hear);
    frame.srcdoc = new TextDecoder().decode(payload);
    return () => {
      removeEventListener("message", hear);
      root.remove();
    };
  });
}
