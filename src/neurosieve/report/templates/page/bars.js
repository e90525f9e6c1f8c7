// Bars of what is not changed by anything: where copies live, where kept neurons live, full beside compact model.
function windowsFigure(view) {
  const { windows, threshold } = data.general;
  const series = [["all clusters", 1, "var(--pale)"], ["without clusters of one neuron", 2, "var(--orange)"]];
  view.controls.append(make("span", { class: "key" }, ...series.map(([name, , color]) => sampleBar(name, color))));
  function draw(width) {
    const title = `layers that a cluster comes from, at c_t = ${threshold}`;
    const bottom = foot(title, width);
    const pic = picture(view.svg, width, 226 + bottom, { left: 44, right: 10, top: 34, bottom });
    const x = linear(-0.5, windows.length - 0.5, pic.left, pic.right);
    const y = linear(0, 1.05, pic.bottom, pic.top);
    upward(pic, y, { ticks: [0, 0.25, 0.5, 0.75, 1], format: (share) => `${100 * share}`, title: "share of clusters (%)" });
    const thick = Math.min(70, (x(1) - x(0)) * 0.38);
    const names = width < 480 ? windows.map(([name]) => name.replace(" neighbours", " next").replace("further apart", "further")) : windows.map(([name]) => name);
    const rows = series.map(([of, at, color], place) => ({
      spots: windows.map((one, n) => {
        const left = x(n) + (place - 1) * thick;
        const top = y(one[at]);
        pic.add("rect", { x: round(left), y: round(top), width: round(thick - 2), height: round(pic.bottom - top), fill: color });
        pic.text(left + thick / 2 - 1, top - 5, percent(one[at], width < 480 ? 0 : 1), { "text-anchor": "middle", "font-size": width < 480 ? 9.5 : 11 });
        return { x: left, y: top, width: thick - 2, height: pic.bottom - top, lines: [one[0], `${percent(one[at])} of ${of}`] };
      }),
    }));
    across(pic, x, { ticks: windows.map((_, n) => n), format: (n) => names[n], title });
    return rows;
  }
  const table = () => ({ columns: ["layers", "share_of_all", "share_of_larger"], rows: windows });
  return { draw, table };
}

function keptFigure(view) {
  const { kept } = data.tasks[view.part];
  const HIGH = 92;
  function draw(width) {
    const names = Math.max(...data.layers.map((name) => name.length)) > 3 ? Math.min(90, wide(data.layers, 11)) : 0;
    const pic = picture(view.svg, width, kept.length * HIGH + 50 + names, { left: 44, right: 10, top: 0, bottom: 44 + names });
    const x = linear(-0.5, data.layers.length - 0.5, pic.left, pic.right);
    const most = Math.max(...kept.flatMap((one) => one.counts.map((count) => count / one.total)));
    const thick = (x(1) - x(0)) * 0.7;
    const rows = kept.map((one, row) => {
      const panel = { ...pic, top: row * HIGH + 34, bottom: (row + 1) * HIGH };
      const y = linear(0, most * 1.3, panel.bottom, panel.top);
      upward(panel, y, { ticks: y.ticks(4), format: (share) => `${Math.round(100 * share)}`, title: `${one.name}: ${plural(one.total, "neuron")}, share by layer (%)` });
      const spots = one.counts.map((count, layer) => {
        const top = y(count / one.total);
        const high = panel.bottom - top;
        if (count) pic.add("rect", { x: round(x(layer) - thick / 2), y: round(top), width: round(thick), height: round(high), fill: `var(--${one.color})` });
        if (thick > wide([number(count)], 10.5)) pic.text(x(layer), top - 4, number(count), { "text-anchor": "middle", "font-size": 10.5, fill: QUIET });
        return { x: x(layer) - thick / 2, y: top, width: thick, height: Math.max(1, high), lines: [`${one.name}, ${layerName(layer)}`, `${number(count)} of ${plural(one.total, "neuron")} (${percent(count / one.total)})`] };
      });
      return { spots };
    });
    across(pic, x, { ticks: data.layers.map((_, layer) => layer), format: (layer) => shortened(data.layers[layer], 90, 11), names, title: "layer (0 = embeddings)" });
    return rows;
  }
  const table = () => ({ columns: ["set", "layer", "neurons"], rows: kept.flatMap((one) => one.counts.map((count, layer) => [one.name, data.layers[layer], count])) });
  return { draw, table };
}

function speedFigure(view) {
  const task = data.tasks[view.part];
  const scores = scoring(task.metric);
  const sides = task.speed.sides;
  function draw(width) {
    const narrow = width < 520;
    const pic = picture(view.svg, width, narrow ? 270 : 150, { left: 64, right: 10, top: 14, bottom: 44 });
    const first = { ...pic, right: narrow ? width - 64 : width / 2 - 40, top: 26, bottom: 100 };
    const second = narrow ? { ...pic, top: 158, bottom: 226 } : { ...pic, left: width / 2 + 20, right: width - 30, top: 26, bottom: 100 };
    return [rates(first), tests(second, narrow)];
  }

  function rates(pic) {
    const x = linear(0, Math.max(...sides.map((one) => one.rate[2])), pic.left, pic.right);
    const spots = sides.map((one, row) => {
      const y = pic.top + row * 36;
      bar(pic, x, y, 24, one.rate[0], row ? "var(--vermilion)" : "var(--pale)");
      span(pic, y + 12, x(one.rate[1]), x(one.rate[2]));
      pic.text(pic.left - 6, y + 16, one.name, { "text-anchor": "end" });
      pic.text(x(one.rate[2]) + 6, y + 16, number(one.rate[0]), { "font-size": 11 });
      return { x: pic.left, y, width: x(one.rate[0]) - pic.left, height: 24, lines: [`${one.name} model`, `${number(one.rate[0])} ${task.row}s per second, rounds from ${number(one.rate[1])} to ${number(one.rate[2])}`] };
    });
    across(pic, x, { ticks: x.ticks(3), format: number, title: `${task.row}s per second (range of ${task.speed.rounds} rounds)` });
    return { spots };
  }

  function tests(pic, narrow) {
    const x = linear(...reach(sides.flatMap((one) => one.test), 0.25), pic.left, pic.right);
    const spots = sides.map((one, row) => {
      const y = pic.top + 12 + row * 36;
      if (one.test.length > 1) span(pic, y, x(one.test[1]), x(one.test[2]));
      dot(pic, x(one.test[0]), y, { color: row ? "var(--vermilion)" : "var(--grey)", shape: row ? "square" : "circle", size: 1.3 });
      if (narrow) pic.text(pic.left - 6, y + 4, one.name, { "text-anchor": "end" });
      pic.text(x(one.test[0]), y - 10, scores.value(one.test[0]), { "text-anchor": "middle", "font-size": 11 });
      return { x: x(one.test[0]), y, lines: [`${one.name} model`, `test ${scores.full(one.test)}`] };
    });
    across(pic, x, { ticks: x.ticks(3), format: scores.tick, title: `test ${scores.axis}` });
    return { spots };
  }

  function table() {
    const columns = ["model", "per_second", "slowest", "fastest", "test", "test_low", "test_high"];
    return { columns, rows: sides.map((one) => [one.name, ...one.rate, ...three(one.test)]) };
  }
  return { draw, table };
}

// An interval that lies: from left to right.
function span(pic, y, left, right) {
  const d = `M${round(left)} ${y}H${round(right)}M${round(left)} ${y - 4}v8M${round(right)} ${y - 4}v8`;
  pic.add("path", { d, stroke: INK, "stroke-width": 1.2, fill: "none" });
}
