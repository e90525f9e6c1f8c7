// Score against the number of neurons for every ranking, the first k of each.
const CLOSE = 0.7; // of the oracle's score, the lowest that is shown unless all is asked for

function curvesFigure(view) {
  const task = data.tasks[view.part];
  const scores = scoring(task.metric);
  const series = task.curves.map((one) => ({ ...one, color: `var(--${one.color})`, told: told(one) }));
  const naive = { name: `${task.naive} (test)`, color: "var(--grey)", dash: "2 4" };
  let whole = false;
  const every = make("input", { type: "checkbox", change: (event) => {
    whole = event.target.checked;
    view.redraw();
  } });
  view.controls.append(legend([...series, naive], () => view.redraw()), labelled("Show low scores too", every));

  function told({ minimal }) {
    return minimal && minimal.reached ? `: ${plural(minimal.neurons, "neuron")}, ${scores.value(minimal.test[0])} on test` : "";
  }

  function range(shown) {
    const oracle = task.oracle.dev;
    const values = [...oracle, (1 - task.tolerance) * oracle[0]];
    for (const one of shown) {
      values.push(...one.probed.flatMap((point) => point.dev), ...one.screened.map((point) => point[1]));
      if (one.minimal) values.push(one.minimal.dev[0]);
    }
    if (task.sieve) values.push(task.sieve.dev[0]);
    if (whole && naive.shown) values.push(...task.majority);
    if (whole || oracle[0] <= 0) return reach(values, 0.04);
    const least = Math.min(CLOSE * oracle[0], task.sieve ? task.sieve.dev[0] : Infinity);
    return reach(values.map((value) => Math.max(value, least)), 0.04);
  }

  function draw(width) {
    const title = "neurons, the first of each ranking (log scale); line: least squares, marker: probe, star: minimal set";
    const bottom = foot(title, width);
    const pic = picture(view.svg, width, 334 + bottom, { left: 48, right: 14, top: 30, bottom });
    const shown = series.filter((one) => one.shown);
    const x = logarithmic(1, task.oracle.neurons, pic.left, pic.right);
    const [low, high] = range(shown);
    const y = linear(low, high, pic.bottom, pic.top);
    const inside = (value) => value >= low;
    upward(pic, y, { ticks: y.ticks(6), format: scores.tick, title: `dev ${scores.axis}` });
    level(pic, y, task.oracle.dev, { band: true });
    const floor = (1 - task.tolerance) * task.oracle.dev[0];
    level(pic, y, [floor], { dash: "6 4" });
    if (naive.shown && inside(task.majority[0])) level(pic, y, [task.majority[0]], naive);
    for (const one of shown) {
      const drawn = one.screened.filter((point) => inside(point[1])).map(([n, dev]) => [x(n), y(dev)]);
      path(pic, drawn, { stroke: one.color, "stroke-dasharray": one.dash || null, "stroke-width": 1.4 });
    }
    const rows = shown.map((one) => ({ spots: points(pic, one, x, y, inside) }));
    const chosen = sieve(pic, x, y, floor);
    if (chosen) rows.push({ spots: [chosen] });
    note(pic, y(task.oracle.dev[0]) - 5, `oracle, ${plural(task.oracle.neurons, "neuron")}`);
    note(pic, y(floor) + 13, `oracle − ${setting(task.tolerance)}`);
    if (naive.shown && inside(task.majority[0])) note(pic, y(task.majority[0]) - 5, naive.name);
    across(pic, x, { ticks: x.ticks(), format: number, title });
    return rows;
  }

  function points(pic, one, x, y, inside) {
    const marks = one.probed.length ? one.probed : one.screened.filter((_, n) => n % 12 === 0).map(([neurons, dev]) => ({ neurons, dev: [dev], test: null, screened: true }));
    const spots = marks.filter((point) => inside(point.dev[0])).map((point) => {
      const at = { x: x(point.neurons), y: y(point.dev[0]) };
      if (point.dev.length > 1) whisker(pic, at.x, y(Math.max(point.dev[1], y.low)), y(point.dev[2]), one.color);
      if (!point.screened) dot(pic, at.x, at.y, { ...one, size: 0.85 });
      const test = point.test === null ? [] : [`test ${scores.value(point.test)}`];
      return { ...at, lines: [`${one.name}: ${plural(point.neurons, "neuron")}`, `dev ${scores.full(point.dev)}${point.screened ? " (least squares)" : ""}`, ...test] };
    });
    const found = one.minimal;
    if (found && found.reached && inside(found.dev[0])) {
      const at = { x: x(found.neurons), y: y(found.dev[0]) };
      dot(pic, at.x, at.y, { shape: "star", color: one.color, stroke: INK });
      const lines = [`Minimal set of ${one.name}: ${plural(found.neurons, "neuron")}`, `dev ${scores.full(found.dev)}`, `test ${scores.full(found.test)}`];
      spots.push({ ...at, lines });
      spots.sort((a, b) => a.x - b.x);
    }
    return spots;
  }

  function sieve(pic, x, y, floor) {
    if (!task.sieve || !task.sieve.neurons) return null;
    const at = { x: x(task.sieve.neurons), y: y(task.sieve.dev[0]) };
    dot(pic, at.x, at.y, { shape: "diamond", color: "var(--purple)", stroke: INK, size: 1.6 });
    const left = at.x > (pic.left + pic.right) / 2;
    const crossed = Math.abs(at.y + 12 - y(floor)) < 11;
    pic.text(at.x + (left ? -12 : 12), at.y + (crossed ? -10 : 16), "the sieve", {
      "text-anchor": left ? "end" : "start", "font-size": 11, stroke: "var(--paper)", "stroke-width": 3, "paint-order": "stroke",
    });
    return { ...at, lines: [`The sieve: ${plural(task.sieve.neurons, "neuron")}`, `dev ${scores.full(task.sieve.dev)}`, `test ${scores.full(task.sieve.test)}`] };
  }

  function table() {
    const rows = series.flatMap((one) => {
      const found = one.minimal;
      return [
        ...one.probed.map((point) => [one.name, "probe", point.neurons, ...three(point.dev), point.test]),
        ...(found && found.reached ? [[one.name, "minimal set", found.neurons, ...three(found.dev), found.test[0]]] : []),
      ];
    });
    rows.push(["all neurons", "oracle", task.oracle.neurons, ...three(task.oracle.dev), task.oracle.test[0]]);
    if (task.sieve) rows.push(["the sieve", "probe", task.sieve.neurons, ...three(task.sieve.dev), task.sieve.test[0]]);
    rows.push([task.naive, "baseline", 0, null, null, null, task.majority[0]]);
    for (const one of series) for (const [neurons, dev] of one.screened) rows.push([one.name, "least squares", neurons, dev, null, null, null]);
    return { columns: ["ranking", "by", "neurons", "dev", "dev_low", "dev_high", "test"], rows };
  }
  return { draw, table };
}
