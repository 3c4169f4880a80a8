function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// What is on screen, pinned links included, on the page's own ground.
function savePng(layers, theme, name) {
  const whole = document.createElement("canvas");
  whole.width = layers[0].width;
  whole.height = layers[0].height;
  const pen = whole.getContext("2d");
  pen.fillStyle = theme.paper;
  pen.fillRect(0, 0, whole.width, whole.height);
  for (const layer of layers) {
    pen.globalAlpha = Number(layer.style.opacity || 1);
    if (layer.width) pen.drawImage(layer, 0, 0);
  }
  whole.toBlob((blob) => save(blob, `${name}.png`));
}

// Built node by node: a token can only ever be text in it.
function saveSvg(picture, { width, height }, theme, name) {
  const space = "http://www.w3.org/2000/svg";
  const make = (tag, facts) => {
    const node = document.createElementNS(space, tag);
    for (const [key, value] of Object.entries(facts)) node.setAttribute(key, typeof value === "number" ? +value.toFixed(3) : value);
    return node;
  };
  const root = make("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": "sans-serif", "dominant-baseline": "central" });
  root.appendChild(make("rect", { width, height, fill: theme.paper }));
  picture.shapes((tag, facts, text) => {
    const node = root.appendChild(make(tag, facts));
    if (text !== undefined) node.textContent = text;
  });
  save(new Blob([new XMLSerializer().serializeToString(root)], { type: "image/svg+xml" }), `${name}.svg`);
}
