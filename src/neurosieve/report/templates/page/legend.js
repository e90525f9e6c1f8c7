// A button for each series: what is off is pale, struck out, and says so to screen readers.
function sample(series) {
  const svg = mark("svg", { width: 30, height: 12, viewBox: "0 0 30 12", "aria-hidden": "true" });
  const pic = { add: (tag, attributes) => svg.appendChild(mark(tag, attributes)) };
  pic.add("line", { x1: 1, x2: 29, y1: 6, y2: 6, stroke: series.color, "stroke-width": 1.8, "stroke-dasharray": series.dash || null });
  if (series.shape) dot(pic, 15, 6, series);
  return svg;
}

function legend(series, act) {
  const buttons = series.map((one) => {
    one.shown = true;
    const node = button("", () => {
      one.shown = !one.shown;
      node.setAttribute("aria-pressed", one.shown);
      act();
    }, { "aria-pressed": "true" });
    node.append(sample(one), one.name + (one.told || ""));
    return node;
  });
  return make("div", { class: "legend", role: "group", "aria-label": "Shown series" }, ...buttons);
}
