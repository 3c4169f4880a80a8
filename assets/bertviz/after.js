// Tells the page around the frame how tall BertViz's picture is, and what drawing it has cost.
requirejs(["jquery", "d3"], () => {
  const page = document.documentElement;
  const bar = () => page.scrollWidth > page.clientWidth ? 16 : 0; // a scroll bar at the bottom
  const height = () => Math.ceil(page.getBoundingClientRect().height) + bar();
  const layers = document.querySelectorAll(".neuron #layer option");
  layers.forEach((option, i) => { option.textContent = sent.layers[i]; });
  const tall = height(); // makes the browser lay everything out
  parent.postMessage({
    height: tall,
    elements: document.querySelectorAll("svg *").length,
    milliseconds: performance.now() - started,
  }, "*");
  new ResizeObserver(() => parent.postMessage({ height: height() }, "*"))
    .observe(page);
});
