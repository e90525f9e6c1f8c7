// Every figure that a chart is known for, one after another, so that the first can be seen while the last is drawn.
const CHARTS = {
  cka: ckaFigure, cut: cutFigure, layers: layersFigure, curves: curvesFigure, classes: classesFigure, front: frontFigure,
  windows: windowsFigure, kept: keptFigure, speed: speedFigure,
};

const data = JSON.parse(document.getElementById("data").textContent);

function start() {
  const waiting = [...document.querySelectorAll("figure[data-chart]")].filter((one) => CHARTS[one.dataset.chart]);
  document.querySelectorAll("figure[data-instead]").forEach((one) => (one.hidden = true));
  function next() {
    const until = performance.now() + 40;
    while (waiting.length && performance.now() < until) {
      const figure = waiting.shift();
      enliven(figure, CHARTS[figure.dataset.chart]);
    }
    if (waiting.length) setTimeout(next);
    else finish();
  }
  function finish() {
    const browser = document.querySelector("[data-browser]");
    if (browser && data.clusters) browse(browser);
    document.documentElement.dataset.ready = "yes";
  }
  next();
}
start();
