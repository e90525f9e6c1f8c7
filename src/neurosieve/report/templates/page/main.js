// Every figure that a chart is known for: all places are made, then measured, then the pictures drawn one after another,
// so that the page is laid out once and the first can be seen while the last is drawn.
const CHARTS = {
  cka: ckaFigure, cut: cutFigure, layers: layersFigure, curves: curvesFigure, classes: classesFigure, front: frontFigure,
  windows: windowsFigure, kept: keptFigure, speed: speedFigure,
};

let data;

function start() {
  const figures = [...document.querySelectorAll("figure[data-chart]")];
  figures.filter((one) => !CHARTS[one.dataset.chart]).forEach(keepStill);
  const waiting = figures.filter((one) => CHARTS[one.dataset.chart]).map(begun).filter(Boolean);
  document.querySelectorAll("figure[data-instead]").forEach((one) => (one.hidden = true));
  waiting.forEach((one) => one.measure());
  function next() {
    const until = performance.now() + 40;
    while (waiting.length && performance.now() < until) drawn(waiting.shift());
    if (waiting.length) setTimeout(next);
    else finish();
  }
  // What cannot be drawn keeps its still picture, and the others go on.
  function begun(figure) {
    try {
      return enliven(figure, CHARTS[figure.dataset.chart]);
    } catch (error) {
      console.error(error);
      keepStill(figure);
      return null;
    }
  }
  function drawn(one) {
    try {
      one.redraw();
    } catch (error) {
      console.error(error);
      one.giveUp();
    }
  }
  function finish() {
    const browser = document.querySelector("[data-browser]");
    if (browser && data.clusters) browse(browser);
    document.documentElement.dataset.ready = "yes";
  }
  next();
}
try {
  data = JSON.parse(document.getElementById("data").textContent);
  start();
} catch (error) {
  console.error(error);
  document.querySelectorAll("figure[data-chart]").forEach(keepStill);
}
