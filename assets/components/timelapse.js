// Stored points of one training run. All of them are sent once; slider and play need no server.
export default (given) => mount(given, build);

function build({ header, payload, parentElement, kept }) {
  const { words, probabilities, tokens, mlm, nsp, pieces, theme, labels } = header;
  const [T, L, A, n] = header.shape;
  const colours = ramp(header.palette);
  const FONT = "'Source Sans', 'Source Sans Pro', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";
  const STEP = 750; // milliseconds a point is shown while playing

  parentElement.querySelector(".lapse")?.remove();
  kept.point = Math.min(kept.point ?? T - 1, T - 1); // survive a change of prompt or sentence
  kept.head ??= [0, 0];
  const root = element("div", "lapse", parentElement);
  root.style.color = theme.ink;

  const controls = element("div", "controls", root);
  const play = element("button", "play", controls);
  play.type = "button";
  const slider = element("input", "slider", controls);
  Object.assign(slider, { type: "range", min: 0, max: T - 1, step: 1, value: kept.point });
  slider.setAttribute("aria-label", labels.point);
  const figures = element("div", "figures", root);
  const [seen, masked, following] = [[labels.seen], [labels.mlm, theme.accent], [labels.nsp, theme.key]].map(([name, colour]) => {
    const box = element("div", "figure", figures);
    const caption = element("div", "name", box);
    if (colour) element("span", "dot", caption).style.background = colour;
    caption.append(name);
    return element("div", "value", box);
  });
  const told = element("div", "told", root);
  told.setAttribute("aria-live", "polite");

  const pair = element("div", "pair", root);
  const left = element("div", "half", pair), right = element("div", "half", pair);
  const rows = words[0].map(() => {
    const row = element("div", "row", left);
    const word = element("span", "word", row), track = element("span", "track", row);
    word.dir = "auto";
    return { word, bar: element("span", "bar", track), share: element("span", "share", track) };
  });
  const curve = element("canvas", "curve", right);
  curve.setAttribute("role", "img");
  curve.setAttribute("aria-label", `${labels.mlm}, ${labels.nsp}`);

  element("div", "title", root).textContent = labels.heads;
  const below = element("div", "pair", root);
  const gridHalf = element("div", "half wide", below), headHalf = element("div", "half narrow", below);
  const grid = element("canvas", "grid", gridHalf);
  grid.tabIndex = 0;
  grid.setAttribute("role", "application");
  grid.setAttribute("aria-label", labels.heads);
  const headName = element("div", "name", headHalf);
  const big = element("canvas", "big", headHalf);
  let side = 40;
  const margin = { left: 22, top: 18 };

  const percent = (p) => (p > 0 && p < 0.0005 ? "< 0.1 %" : `${(100 * p).toFixed(1)} %`);

  function picture(t, l, h) {
    const from = ((t * L + l) * A + h) * n * n; // the square root lets faint weights be seen
    return bitmap(n, n, colours, (i) => Math.round(Math.sqrt(payload[from + i] / 255) * 255));
  }

  function drawWords(t) {
    rows.forEach(({ word, bar, share }, k) => {
      word.textContent = words[t][k];
      bar.style.width = `calc(${probabilities[t][k]} * (100% - 4.6rem))`;
      share.textContent = percent(probabilities[t][k]);
    });
  }

  function drawCurve(t) {
    const width = Math.max(260, right.clientWidth), height = 290;
    const pen = sharp(curve, width, height);
    const area = { x: 46, y: 12, w: width - 64, h: height - 58 };
    const first = Math.log10(tokens[1] / 2), last = Math.log10(tokens[T - 1]);
    const x = (count) => area.x + (area.w * (Math.log10(Math.max(count, tokens[1] / 2)) - first)) / (last - first);
    const y = (share) => area.y + area.h * (1 - share);
    pen.font = `13px ${FONT}`;
    pen.lineWidth = 1;
    pen.strokeStyle = theme.grid;
    pen.fillStyle = theme.muted;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (let tenth = 0; tenth <= 10; tenth += 2) {
      pen.beginPath(); pen.moveTo(area.x, y(tenth / 10)); pen.lineTo(area.x + area.w, y(tenth / 10)); pen.stroke();
      pen.fillText(`${tenth * 10} %`, area.x - 6, y(tenth / 10));
    }
    pen.textAlign = "center";
    for (let power = Math.ceil(first); power <= last; power++) {
      const name = { 3: "1k", 4: "10k", 5: "100k", 6: "1M", 7: "10M", 8: "100M", 9: "1G" }[power];
      pen.fillText(name, x(10 ** power), area.y + area.h + 15);
    }
    pen.fillText(labels.seen, area.x + area.w / 2, area.y + area.h + 36);
    pen.strokeStyle = theme.ink;
    pen.setLineDash([3, 4]);
    pen.beginPath(); pen.moveTo(x(tokens[t]), area.y); pen.lineTo(x(tokens[t]), area.y + area.h); pen.stroke();
    pen.setLineDash([]);
    for (const [values, colour] of [[mlm, theme.accent], [nsp, theme.key]]) {
      pen.strokeStyle = pen.fillStyle = colour;
      pen.lineWidth = 3;
      pen.beginPath();
      values.forEach((v, i) => (i ? pen.lineTo(x(tokens[i]), y(v)) : pen.moveTo(x(tokens[i]), y(v))));
      pen.stroke();
      pen.beginPath(); pen.arc(x(tokens[t]), y(values[t]), 6, 0, 7); pen.fill();
    }
  }

  function drawHeads(t) {
    const room = Math.max(200, gridHalf.clientWidth);
    side = Math.max(20, Math.min(62, Math.floor((room - margin.left - 2) / A)));
    const pen = sharp(grid, margin.left + side * A + 2, margin.top + side * L + 2);
    pen.font = `12px ${FONT}`;
    pen.fillStyle = theme.muted;
    pen.textAlign = "center";
    for (let h = 0; h < A; h++) pen.fillText(h, margin.left + (h + 0.5) * side, 12);
    pen.imageSmoothingEnabled = n > side;
    for (let l = 0; l < L; l++) {
      pen.fillText(l, 9, margin.top + (l + 0.5) * side + 4);
      for (let h = 0; h < A; h++) {
        pen.drawImage(picture(t, l, h), margin.left + h * side + 1, margin.top + l * side + 1, side - 2, side - 2);
      }
    }
    const [l, h] = kept.head;
    pen.strokeStyle = theme.accent;
    pen.lineWidth = 3;
    pen.strokeRect(margin.left + h * side + 0.5, margin.top + l * side + 0.5, side - 1, side - 1);
    drawBig(t, l, h);
  }

  function drawBig(t, l, h) {
    headName.textContent = labels.head.replace("{layer}", l).replace("{head}", h);
    const room = Math.max(200, headHalf.clientWidth), names = 84;
    const cell = Math.max(8, Math.min(24, Math.floor((room - names - 4) / n)));
    const pen = sharp(big, names + cell * n + 2, names + cell * n + 2);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(picture(t, l, h), names, names, cell * n, cell * n);
    pen.fillStyle = theme.ink;
    pen.font = `${Math.min(14, cell + 1)}px ${FONT}`;
    pen.textBaseline = "middle";
    pieces.forEach((piece, i) => {
      pen.textAlign = "right";
      pen.fillText(piece.slice(0, 12), names - 5, names + (i + 0.5) * cell);
      pen.save();
      pen.translate(names + (i + 0.5) * cell, names - 5);
      pen.rotate(-Math.PI / 2);
      pen.textAlign = "left";
      pen.fillText(piece.slice(0, 12), 0, 0);
      pen.restore();
    });
  }

  function draw() {
    const t = kept.point;
    slider.value = t;
    seen.textContent = tokens[t].toLocaleString("en-US");
    masked.textContent = percent(mlm[t]);
    following.textContent = percent(nsp[t]);
    slider.setAttribute("aria-valuetext", `${labels.seen}: ${seen.textContent}`);
    drawWords(t);
    drawCurve(t);
    drawHeads(t);
  }

  let timer = null;
  const name = () => { play.textContent = timer ? `❚❚ ${labels.pause}` : `▶ ${labels.play}`; };
  const stop = () => { clearInterval(timer); timer = null; name(); };
  const start = () => {
    if (kept.point === T - 1) { kept.point = 0; draw(); }
    timer = setInterval(() => {
      kept.point += 1;
      draw();
      if (kept.point === T - 1) stop();
    }, STEP);
    name();
  };
  play.onclick = () => (timer ? stop() : start());
  slider.oninput = () => { stop(); kept.point = Number(slider.value); draw(); };
  slider.onchange = () => { told.textContent = `${words[kept.point][0]} ${percent(probabilities[kept.point][0])}`; };

  const choose = (l, h) => {
    kept.head = [Math.max(0, Math.min(L - 1, l)), Math.max(0, Math.min(A - 1, h))];
    drawHeads(kept.point);
  };
  grid.onclick = (event) => {
    const area = grid.getBoundingClientRect();
    choose(Math.floor((event.clientY - area.top - margin.top) / side),
      Math.floor((event.clientX - area.left - margin.left) / side));
  };
  grid.onkeydown = (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (move) { choose(kept.head[0] + move[0], kept.head[1] + move[1]); event.preventDefault(); }
  };

  name();
  const unwatch = atEveryWidth(root, draw);
  return () => { clearInterval(timer); unwatch(); };
}
