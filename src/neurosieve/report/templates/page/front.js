// Cost against score: what a compact model may be. Dark points are beaten by none; pale ones are.
function frontFigure(view) {
  const task = data.tasks[view.part];
  const front = task.front;
  if (!front) return null;
  const scores = scoring(task.metric);
  const { offers, timed } = front;
  let whole = false;
  const every = make("input", { type: "checkbox", change: (event) => {
    whole = event.target.checked;
    view.redraw();
  } });
  view.controls.append(labelled("Show low scores too", every));

  function cost(one) {
    if (!timed) return `reads layers up to ${data.layers[one.cost]}`;
    const digits = one.cost < 10 ? 2 : 1;
    const range = one.spread ? ` [${number(one.spread[0], digits)}, ${number(one.spread[1], digits)}]` : "";
    return `${number(one.cost, digits)} ms a ${front.each}${range}`;
  }

  function draw(width) {
    const title = timed ? `milliseconds a ${front.each}, each read alone` : "highest layer that is read (the blocks above can go)";
    const bottom = foot(title, width);
    const pic = picture(view.svg, width, 314 + bottom, { left: 48, right: 18, top: 30, bottom });
    const low = whole ? -Infinity : CLOSE * task.oracle.dev[0];
    const seen = offers.filter((one) => one.chosen || one.dev[0] >= low);
    const costs = seen.map((one) => one.cost);
    const x = linear(timed ? 0 : -0.4, Math.max(...costs) * (timed ? 1.05 : 1) + (timed ? 0 : 0.4), pic.left, pic.right);
    const floor = (1 - task.tolerance) * task.oracle.dev[0];
    const y = linear(...reach([floor, ...task.oracle.dev, ...seen.map((one) => one.dev[0])]), pic.bottom, pic.top);
    upward(pic, y, { ticks: y.ticks(6), format: scores.tick, title: `dev ${scores.axis}` });
    level(pic, y, [floor], { dash: "6 4" });
    const on = seen.filter((one) => one.on);
    const stairs = on.flatMap((one, n) => (n ? [[x(one.cost), y(on[n - 1].dev[0])], [x(one.cost), y(one.dev[0])]] : [[x(one.cost), y(one.dev[0])]]));
    path(pic, stairs, { stroke: "var(--blue)" });
    const spots = seen.map((one) => {
      const at = { x: x(one.cost), y: y(one.dev[0]) };
      if (!one.chosen) dot(pic, at.x, at.y, one.on ? { color: "var(--blue)" } : { color: "var(--pale)", stroke: "var(--edge)", size: 0.8 });
      const beaten = one.on ? "beaten by none" : "another costs no more and scores as much";
      return { ...at, one, lines: [one.what, cost(one), plural(one.neurons, "neuron"), `dev ${scores.full(one.dev)}`, `test ${scores.full(one.test)}`, beaten] };
    });
    for (const { x: left, y: top, one } of spots.filter((spot) => spot.one.chosen)) {
      if (one.dev.length > 1) whisker(pic, left, Math.min(pic.bottom, y(one.dev[1])), y(one.dev[2]), "var(--vermilion)");
      dot(pic, left, top, { shape: "star", color: "var(--vermilion)", stroke: INK });
      const before = left > pic.right - 160;
      const crossed = Math.abs(top + 14 - y(floor)) < 11;
      pic.text(left + (before ? -12 : 12), top + (crossed ? -12 : 18), "this run’s compact model", {
        "text-anchor": before ? "end" : "start", "font-size": 11, stroke: "var(--paper)", "stroke-width": 3, "paint-order": "stroke",
      });
    }
    note(pic, y(floor) + 13, `oracle − ${setting(task.tolerance)}`);
    if (timed) across(pic, x, { ticks: x.ticks(6), format: (ms) => number(ms, ms % 1 ? 1 : 0), title });
    else {
      const ticks = data.layers.map((_, layer) => layer).filter((layer) => layer <= x.high);
      const names = Math.max(...data.layers.map((name) => name.length)) > 3 ? 1 : 0;
      const format = (layer) => (names ? String(layer) : data.layers[layer]);
      across(pic, x, { ticks, format, title });
    }
    return [{ spots: spots.filter((spot) => spot.one.on) }, { spots: spots.filter((spot) => !spot.one.on) }];
  }

  function table() {
    const name = timed ? "milliseconds" : "highest_layer";
    const columns = ["what", name, "neurons", "dev", "dev_low", "dev_high", "test", "test_low", "test_high", "on_front", "chosen"];
    const rows = offers.map((one) => [one.what, one.cost, one.neurons, ...three(one.dev), ...three(one.test), one.on, one.chosen]);
    return { columns, rows };
  }
  return { draw, table };
}
