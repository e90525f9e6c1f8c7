// Scores of each layer alone and of all layers up to it, and which of them pass at a tolerance.
function layersFigure(view) {
  const task = data.tasks[view.part];
  const scores = scoring(task.metric);
  const series = [
    { name: "this layer alone", color: "var(--blue)", shape: "circle", points: task.alone },
    { name: "layers 0 to this one together", color: "var(--purple)", shape: "square", dash: "7 4", points: task.prefixes },
  ].filter((one) => one.points.length);
  let split = "dev";
  let tolerance = task.layer_tolerance;
  const told = make("output", { class: "told" });
  const input = slider(0, Math.max(20, 100 * task.layer_tolerance), 0.5, 100 * tolerance, (value) => {
    tolerance = Math.abs(value / 100 - task.layer_tolerance) < 1e-9 ? task.layer_tolerance : value / 100;
    view.redraw();
  });
  const shows = choice([["dev", "dev, which decides"], ["test", "test"]], split, (value) => {
    split = value;
    view.redraw();
  });
  view.controls.append(labelled("Tolerance", input), labelled("Scores on", shows), legend(series, () => view.redraw()), told);

  // The run's own tolerance has the run's own verdict: it may rest on tests, not on scores alone.
  function passes(one) {
    return tolerance === task.layer_tolerance ? one.within : one.dev[0] > (1 - tolerance) * task.oracle.dev[0];
  }

  function tell() {
    input.setAttribute("aria-valuetext", setting(tolerance));
    const alone = task.alone.filter(passes).map((one) => data.layers[one.layer]);
    const enough = task.prefixes.find(passes);
    const parts = [`At ${setting(tolerance)} on dev:`];
    if (task.alone.length) parts.push(alone.length ? `alone ${alone.length === 1 ? "layer" : "layers"} ${alone.join(", ")} ${alone.length === 1 ? "passes" : "pass"};` : "no layer passes alone;");
    parts.push(enough ? `${layersNamed(0, enough.layer)} ${enough.layer ? "together are" : "alone is"} enough.` : "no prefix of the layers is enough.");
    if (task.tested && tolerance === task.layer_tolerance) parts.push(`Tested with ${setting(task.tested)} confidence.`);
    told.textContent = parts.join(" ");
  }

  function draw(width) {
    tell();
    const names = Math.max(...data.layers.map((name) => name.length)) > 3 ? Math.min(90, wide(data.layers, 11)) : 0;
    const title = "layer (0 = embeddings); filled: passes on dev, hollow: not";
    const bottom = foot(title, width, names);
    const pic = picture(view.svg, width, 296 + bottom, { left: 48, right: 14, top: 30, bottom });
    const shown = series.filter((one) => one.shown);
    const floor = (1 - tolerance) * task.oracle[split][0];
    const all = [...task.oracle[split], floor, ...shown.flatMap((one) => one.points.flatMap((point) => point[split]))];
    const x = linear(-0.5, data.layers.length - 0.5, pic.left, pic.right);
    const y = linear(...reach(all), pic.bottom, pic.top);
    upward(pic, y, { ticks: y.ticks(6), format: scores.tick, title: `${split} ${scores.axis}` });
    level(pic, y, task.oracle[split], { band: true });
    level(pic, y, [floor], { dash: "6 4" });
    const rows = shown.map((one, place) => {
      const shift = shown.length > 1 ? (place - 0.5) * 5 : 0;
      path(pic, one.points.map((point) => [x(point.layer) + shift, y(point[split][0])]), { stroke: one.color, "stroke-dasharray": one.dash });
      const spots = one.points.map((point) => {
        const at = { x: x(point.layer) + shift, y: y(point[split][0]) };
        if (point[split].length > 1) whisker(pic, at.x, y(point[split][1]), y(point[split][2]), one.color);
        dot(pic, at.x, at.y, { ...one, hollow: !passes(point) });
        const what = one.points === task.alone ? `${layerName(point.layer)} alone` : layersNamed(0, point.layer);
        const verdict = `${passes(point) ? "passes" : "does not pass"} at ${setting(tolerance)}`;
        return { ...at, lines: [what, `dev ${scores.full(point.dev)}`, `test ${scores.full(point.test)}`, plural(point.neurons, "neuron"), verdict] };
      });
      return { spots };
    });
    note(pic, y(task.oracle[split][0]) - 5, "oracle");
    note(pic, y(floor) + 13, `oracle − ${setting(tolerance)}`);
    across(pic, x, { ticks: data.layers.map((_, layer) => layer), format: (layer) => shortened(data.layers[layer], 90, 11), names, title });
    return rows;
  }

  function table() {
    const columns = ["series", "layer", "neurons", "dev", "dev_low", "dev_high", "test", "test_low", "test_high", "passes"];
    const rows = series.flatMap((one) =>
      one.points.map((point) => [one.name, data.layers[point.layer], point.neurons, ...three(point.dev), ...three(point.test), passes(point)]),
    );
    return { columns, rows };
  }
  return { draw, table };
}

// A score and the ends of its interval, empty where there is none.
function three(scores) {
  return scores.length > 1 ? scores : [scores[0], null, null];
}

// Words at the left end of a level, over whatever lies there.
function note(pic, y, words) {
  pic.text(pic.left + 4, y, words, {
    "font-size": 11, fill: QUIET, stroke: "var(--paper)", "stroke-width": 3, "paint-order": "stroke",
  });
}
