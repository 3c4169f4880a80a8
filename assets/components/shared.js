function unpack(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { header, payload: bytes.slice(4 + length) };
}

function rgb(hex) {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
}

// 256 colours along three stops, so that drawing is a table look-up.
function ramp(stops) {
  const [a, b, c] = stops.map(rgb);
  const table = new Uint8ClampedArray(256 * 3);
  for (let i = 0; i < 256; i++) {
    const t = i / 255;
    const [from, to, share] = t < 0.5 ? [a, b, t * 2] : [b, c, t * 2 - 1];
    for (let k = 0; k < 3; k++) table[3 * i + k] = from[k] + (to[k] - from[k]) * share;
  }
  return table;
}

function say(value) {
  const size = Math.abs(value);
  const text = size === 0 || (size >= 1e-3 && size < 1e5) ? value.toFixed(4) : value.toExponential(2);
  return text.replace("-", "\u2212");
}

// An empty canvas of this size; its memory is taken anew only where the size changed.
function sharp(canvas, width, height) {
  const ratio = Math.max(1, window.devicePixelRatio || 1);
  const wide = Math.round(width * ratio), high = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = width + "px";
    canvas.style.height = height + "px";
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

// One pixel a cell, to be drawn larger; level(i) is 0..255, or -1 for a cell left clear.
function bitmap(columns, rows, colours, level) {
  const image = new ImageData(columns, rows), pixels = image.data;
  for (let i = 0; i < columns * rows; i++) {
    const at = 3 * level(i), to = 4 * i;
    if (at < 0) continue;
    pixels[to] = colours[at];
    pixels[to + 1] = colours[at + 1];
    pixels[to + 2] = colours[at + 2];
    pixels[to + 3] = 255;
  }
  const made = new OffscreenCanvas(columns, rows);
  made.getContext("2d").putImageData(image, 0, 0);
  return made;
}

function element(tag, className, parent) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (parent) parent.appendChild(made);
  return made;
}

function same(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

// Streamlit calls a component again at every rerun, also with the bytes it already has, and
// runs only the last call's clean-up. What is drawn is kept here: equal bytes leave it alone,
// other bytes end it before `build` makes it anew. `kept` lives as long as the element.
const mounted = new WeakMap();
function mount({ data, parentElement, setTriggerValue }, build) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const state = mounted.get(parentElement) || { kept: {}, turn: 0, stop: null };
  mounted.set(parentElement, state);
  const turn = ++state.turn;
  state.trigger = setTriggerValue;
  if (!state.stop || !same(state.bytes, bytes)) {
    state.stop?.();
    state.bytes = bytes;
    const send = (name, value) => state.trigger(name, value);
    state.stop = build({ ...unpack(bytes), parentElement, send, kept: state.kept });
  }
  return () => {
    if (turn !== state.turn) return; // a later call has taken over
    state.stop?.();
    state.stop = null;
  };
}

// Draw now, and again only when the width has changed.
function atEveryWidth(parent, draw) {
  const ruler = element("div", "", parent); // no height: drawing cannot change its size
  let width = ruler.clientWidth;
  if (width) draw(); // else hidden: drawn when it is opened
  const watch = new ResizeObserver(() => {
    if (!ruler.clientWidth || ruler.clientWidth === width) return;
    width = ruler.clientWidth;
    draw();
  });
  watch.observe(ruler);
  return () => watch.disconnect();
}
