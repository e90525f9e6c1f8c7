// Neurons left and the task's score against c_t, and the clusters at the cut that the slider holds.
const SHOWN_CLUSTERS = 8;

function cutFigure(view) {
  const { cuts, threshold } = data.general;
  const merges = data.clusters && data.clusters.merges;
  const tree = merges && dendrogram(merges, data.neurons);
  const tasks = Object.values(data.tasks).filter((task) => task.clustered.length);
  let task = tasks[0];
  let place = tree ? threshold : cuts.findIndex((cut) => cut.threshold === threshold);
  const at = () => (tree ? place : cuts[Math.max(0, place)].threshold);
  const told = make("output", { class: "told" });

  const input = tree
    ? slider(0, 0.95, 0.01, place, (value) => move(Math.round(value * 100) / 100))
    : slider(0, cuts.length - 1, 1, place, move);
  const field = labelled("Threshold c_t", input);
  view.controls.append(field);
  if (tasks.length > 1) {
    const options = tasks.map((one, n) => [String(n), one.name]);
    view.controls.append(labelled("Score of", choice(options, "0", (n) => {
      task = tasks[Number(n)];
      view.redraw();
    })));
  }
  view.controls.append(told);

  function move(value) {
    place = value;
    view.redraw();
  }

  function now() {
    if (tree) return { threshold: at(), ...tree.cut(at()) };
    const cut = cuts[Math.max(0, place)];
    return { ...cut, larger: null };
  }

  function tell(cut) {
    const largest = cut.larger ? (cut.larger[0] || [0]).length : cut.largest;
    const left = `${plural(cut.clusters, "cluster")} of ${plural(data.neurons, "neuron")}`;
    const less = percent(1 - cut.clusters / data.neurons);
    const clustered = cut.clusters - cut.singletons;
    told.textContent =
      `c_t = ${cut.threshold.toFixed(2)}: ${left} (${less} fewer). ${number(cut.singletons)} are single neurons, ` +
      `${number(clustered)} are larger; the largest has ${plural(largest, "neuron")}.` + scoreNear(cut.threshold);
    input.setAttribute("aria-valuetext", `c_t ${cut.threshold.toFixed(2)}, ${plural(cut.clusters, "cluster")}`);
  }

  function scoreNear(c) {
    if (!task) return "";
    const near = task.clustered.reduce((best, one) => (Math.abs(one.threshold - c) < Math.abs(best.threshold - c) ? one : best));
    const scores = scoring(task.metric);
    const where = near.threshold ? `at c_t = ${Number(near.threshold.toFixed(3))}` : "without clustering";
    return ` Test ${scores.title} of ${task.name} ${where}: ${scores.full(near.test)}.`;
  }

  function steps() {
    const found = [];
    for (let c = 0; c <= 95; c++) found.push([c / 100, tree.left(c / 100)]);
    return found;
  }

  function draw(width) {
    const cut = now();
    tell(cut);
    const bars = cut.larger ? cut.larger.slice(0, SHOWN_CLUSTERS) : [];
    const upper = { top: 30, bottom: 190 };
    const lower = { top: 240, bottom: task ? 380 : 190 };
    const axis = task ? lower.bottom : upper.bottom;
    const title = "threshold c_t, a distance 1 − |r| (0 = no clustering)";
    const barsTop = axis + foot(title, width) + 38;
    const height = cut.larger ? barsTop + 14 + bars.length * 24 : axis + foot(title, width);
    const pic = picture(view.svg, width, height, { left: 52, right: 16, top: 30, bottom: height - upper.bottom });
    const x = linear(0, 1, pic.left, pic.right);
    const y = linear(0, data.neurons, upper.bottom, upper.top);
    upward(pic, y, { ticks: y.ticks(4), format: number, title: "neurons left (clusters)" });
    if (tree) path(pic, steps().map(([c, left]) => [x(c), y(left)]), { stroke: "var(--blue)" });
    const counted = cuts.map((one) => {
      const spot = { x: x(one.threshold), y: y(one.clusters) };
      dot(pic, spot.x, spot.y, { color: "var(--blue)" });
      const less = percent(1 - one.clusters / data.neurons);
      return { ...spot, lines: [`c_t = ${one.threshold}`, `${plural(one.clusters, "neuron")} left (${less} fewer)`, `${plural(one.singletons, "single neuron")}, the largest cluster has ${number(one.largest)}`] };
    });
    if (!tree) path(pic, cuts.map((one) => [x(one.threshold), y(one.clusters)]), { stroke: "var(--blue)" });
    const rows = [{ spots: counted }];
    if (task) rows.push(scorePanel(pic, x, lower, width));
    pic.bottom = axis;
    const ticks = x.ticks(width < 480 ? 5 : 10);
    across(pic, x, { ticks, format: String, title });
    const here = round(x(cut.threshold));
    pic.add("line", { class: "at", x1: here, x2: here, y1: upper.top, y2: axis, stroke: "var(--focus)", "stroke-width": 1.8, "stroke-dasharray": "5 3" });
    if (cut.larger) rows.push(...barPanel(pic, bars, cut, barsTop, width));
    return rows;
  }

  function scorePanel(pic, x, { top, bottom }) {
    const scores = scoring(task.metric);
    const y = linear(...reach(task.clustered.flatMap((one) => one.test)), bottom, top);
    const panel = { ...pic, top, bottom };
    upward(panel, y, { ticks: y.ticks(4), format: scores.tick, title: `test ${scores.axis}, least squares on these neurons` });
    level(panel, y, [task.clustered[0].test[0]], { dash: "6 4" });
    path(pic, task.clustered.map((one) => [x(one.threshold), y(one.test[0])]), { stroke: "var(--vermilion)" });
    const spots = task.clustered.map((one) => {
      if (one.test.length > 1) whisker(pic, x(one.threshold), y(one.test[1]), y(one.test[2]), "var(--vermilion)");
      dot(pic, x(one.threshold), y(one.test[0]), { shape: "square", color: "var(--vermilion)" });
      const title = one.threshold ? `c_t = ${Number(one.threshold.toFixed(3))}` : "no clustering";
      return { x: x(one.threshold), y: y(one.test[0]), lines: [title, `${plural(one.neurons, "neuron")}`, `test ${scores.full(one.test)}`, `dev ${scores.full(one.dev)}`] };
    });
    return { spots };
  }

  function barPanel(pic, bars, cut, top) {
    const clustered = cut.clusters - cut.singletons;
    const which = !bars.length ? "No two neurons are in one cluster at this cut." : clustered > bars.length
      ? `the ${bars.length} largest of ${number(clustered)} clusters, neurons by layer` : "the clusters, neurons by layer";
    pic.text(4, top - 10, which, { fill: QUIET });
    const most = bars.length ? bars[0].length : 1;
    const room = Math.max(20, wide([number(most)]) + 12);
    const scale = linear(0, most, pic.left, pic.right - room);
    return bars.map((columns, row) => {
      const y = top + row * 24;
      pic.text(pic.left - 6, y + 14, `${row + 1}`, { "text-anchor": "end", "font-size": 11 });
      pic.text(scale(columns.length) + 6, y + 14, number(columns.length), { "font-size": 11 });
      return { spots: layerBar(pic, columns, scale, y, 18, `Cluster ${row + 1} at this cut`) };
    });
  }

  function table() {
    const cut = now();
    const rows = cuts.map((one) => ["measured", one.threshold, one.clusters, one.singletons, one.largest, null, null, null]);
    for (const one of task ? task.clustered : []) {
      const row = rows.find((at) => Math.abs(at[1] - one.threshold) < 1e-9);
      const three = [one.test[0], one.test[1] ?? null, one.test[2] ?? null];
      if (row) row.splice(5, 3, ...three);
      else rows.unshift(["measured", one.threshold, one.neurons, null, null, ...three]);
    }
    const largest = cut.larger ? (cut.larger[0] || [0]).length || 1 : cut.largest;
    rows.push(["slider", cut.threshold, cut.clusters, cut.singletons, largest, null, null, null]);
    return { columns: ["from", "threshold", "clusters", "singletons", "largest", "test", "test_low", "test_high"], rows };
  }
  return { draw, table };
}

// How many of some columns lie in each layer, from the lowest.
function byLayer(columns) {
  const counts = new Map();
  for (const column of columns) {
    const layer = Math.floor(column / data.units);
    counts.set(layer, (counts.get(layer) || 0) + 1);
  }
  return [...counts].sort((a, b) => a[0] - b[0]);
}

// A bar of columns, a part for each layer with the layer's number in it where it fits.
function layerBar(pic, columns, scale, y, thick, title) {
  let before = 0;
  return byLayer(columns).map(([layer, count]) => {
    const x = scale(before);
    const width = scale(before + count) - x;
    before += count;
    const share = data.layers.length > 1 ? layer / (data.layers.length - 1) : 0;
    pic.add("rect", { x: round(x), y, width: round(Math.max(0.5, width - 1)), height: thick, fill: heat(share), stroke: "var(--edge)", "stroke-width": 0.5 });
    const name = data.layers[layer];
    if (width > wide([name], 10.5) + 4) {
      pic.text(x + width / 2 - 0.5, y + thick / 2 + 4, name, { "text-anchor": "middle", "font-size": 10.5, fill: heatInk(share) });
    }
    return { x, y, width, height: thick, lines: [title, `${layerName(layer)}: ${number(count)} of ${plural(columns.length, "neuron")}`] };
  });
}
