// A figure of the page comes to life: a picture as wide as its place takes the still one's, with controls over it, its
// values on hover, touch and arrow keys, its numbers as a table, and what is shown as files.
//
// `build(view)` gives {draw(width), table()}: draw makes the picture and returns the rows that `explore` reads. What is
// returned, {measure, redraw, giveUp}, keeps reading of widths apart from drawing: between both a browser lays out the whole page.
function enliven(figure, build) {
  const still = figure.querySelector(".still");
  const controls = make("div", { class: "controls" });
  const label = figure.dataset.alt || "Chart";
  const svg = mark("svg", {
    class: "chart", tabindex: 0, role: "application", "aria-roledescription": "chart",
    "aria-label": `${label} Arrow keys read the values.`,
  });
  const stage = make("div", { class: "card stage" }, svg);
  const spots = explore(stage, svg);
  const view = { figure, controls, stage, svg, part: figure.dataset.part, redraw };
  const chart = build(view);
  if (!chart) {
    keepStill(figure);
    return null;
  }
  const title = figure.dataset.title;
  const values = dataTable(title, chart.table);
  let width = 0;

  function measure() {
    const before = width;
    width = roomIn(stage);
    return Math.abs(width - before) > 1;
  }

  function redraw() {
    spots(chart.draw(width) || []);
    values.fill();
  }

  const live = make("div", { class: "live" }, controls.childNodes.length ? controls : null, stage, values.details);
  figure.insertBefore(live, figure.querySelector("figcaption"));
  if (still) still.hidden = true;
  const name = figure.dataset.name;
  const place = figure.querySelector(".downloads");
  place.replaceChildren("Download as shown: ", ...fileButtons(name, title, svg, chart.table));
  onWidth(stage, () => measure() && redraw());
  function giveUp() {
    live.remove();
    keepStill(figure);
  }
  return { measure, redraw, giveUp };
}

// Where scripts run the page's style hides the still pictures, so that none is laid out in vain.
function keepStill(figure) {
  const still = figure.querySelector(".still");
  if (!still) return;
  still.hidden = false;
  still.classList.add("kept");
}

// The width that a picture has in its place.
function roomIn(stage) {
  return Math.max(240, Math.floor(stage.clientWidth - 2 * parseFloat(getComputedStyle(stage).paddingLeft)));
}

function onWidth(stage, act) {
  new ResizeObserver(() => requestAnimationFrame(act)).observe(stage);
}

function fileButtons(name, title, svg, tableNow) {
  const files = [
    ["SVG", () => saveSvg(name, svg)],
    ["PNG", () => savePng(name, svg)],
    ["CSV", () => saveCsv(name, tableNow())],
  ];
  return files.flatMap(([kind, act]) => [button(kind, act, { "aria-label": `Download ${title} as ${kind}` }), " "]);
}
