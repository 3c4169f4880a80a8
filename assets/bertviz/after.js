// Fits BertViz's picture to the frame, and tells the page around it how tall it is and what drawing
// it has cost.
requirejs(["jquery", "d3"], () => {
  const page = document.documentElement;
  const wide = { head: 410, model: 995, neuron: 1075 }[sent.view]; // of BertViz's fixed layouts
  const fit = () => {
    document.body.style.zoom = Math.min(1, Math.max(0.62, page.clientWidth / wide));
  };
  const bar = () => page.scrollWidth > page.clientWidth ? 16 : 0; // a scroll bar at the bottom
  const height = () => Math.ceil(page.getBoundingClientRect().height) + bar();
  fit();
  const tall = height(); // makes the browser lay everything out
  parent.postMessage({
    height: tall,
    elements: document.querySelectorAll("svg *").length,
    milliseconds: performance.now() - started,
  }, "*");
  addEventListener("resize", fit);
  new ResizeObserver(() => parent.postMessage({ height: height() }, "*")).observe(page);
});
