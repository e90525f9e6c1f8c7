// One cluster: its members by layer, the words that it responds to, and its members on sentences.
function showCluster(place, one, seen) {
  const [low, high] = layersOf(one);
  const against = one.r.filter((r) => r < 0).length;
  place.replaceChildren(
    make("h4", {}, `Cluster ${number(one.number)}: ${plural(one.members.length, "neuron")} of ${layersNamed(low, high)}`),
    make("p", {},
      `Neuron ${neuronName(one.of)} (layer, unit) stands for it: it explains ${percent(one.explained)} of the variance of the others. ` +
      `The farthest of them lies at 1 − |r| = ${number(one.radius, 2)}; mean |r| of all pairs ${number(one.mean_r, 2)}.` +
      (against ? ` ${number(against)} run against it (r below 0).` : "")),
  );
  chartIn(place, `cluster-${one.number}-members`, `Members of cluster ${one.number} by layer`, membersChart(one));
  place.append(membersList(one));
  if (!seen) {
    place.append(make("p", { class: "quiet" }, "Its words are not on this page: they are kept for the largest clusters and those that span most layers."));
    return;
  }
  place.append(make("div", { class: "ends" }, ending("Highest", seen.highest, seen.highest_types), ending("Lowest", seen.lowest, seen.lowest_types)));
  const most = Math.max(0.5, ...seen.heats.flatMap((heat) => heat.values.flat().map(Math.abs)));
  seen.heats.forEach((heat) => {
    const title = `Cluster ${one.number} on sentence ${number(heat.sentence + 1)}`;
    chartIn(place, `cluster-${one.number}-sentence-${heat.sentence + 1}`, title, heatChart(heat, seen.rows, one, most));
  });
}

// A small chart with what all charts have: values by every means, and files.
function chartIn(place, name, title, { draw, table }) {
  const svg = mark("svg", { class: "chart", tabindex: 0, role: "application", "aria-roledescription": "chart", "aria-label": `${title}. Arrow keys read the values.` });
  const stage = make("div", { class: "card stage" }, svg);
  place.append(make("div", { class: "small" }, make("p", { class: "heading" }, title, make("span", { class: "downloads" }, ...fileButtons(name, title, svg, table))), stage));
  const spots = explore(stage, svg);
  let width = 0;
  const redraw = () => {
    width = roomIn(stage);
    spots(draw(svg, width));
  };
  redraw();
  onWidth(stage, () => stage.isConnected && Math.abs(roomIn(stage) - width) > 1 && redraw());
}

function membersChart(one) {
  const counts = new Map(byLayer(one.members));
  function draw(svg, width) {
    const names = Math.max(...data.layers.map((name) => name.length)) > 3 ? Math.min(90, wide(data.layers, 11)) : 0;
    const pic = picture(svg, width, 150 + names, { left: 40, right: 10, top: 28, bottom: 42 + names });
    const x = linear(-0.5, data.layers.length - 0.5, pic.left, pic.right);
    const most = Math.max(...counts.values());
    const y = linear(0, most, pic.bottom, pic.top);
    upward(pic, y, { ticks: y.ticks(Math.min(3, most)), format: number, title: "neurons" });
    const thick = Math.min(46, (x(1) - x(0)) * 0.7);
    const spots = data.layers.map((_, layer) => {
      const count = counts.get(layer) || 0;
      const top = y(count);
      if (count) pic.add("rect", { x: round(x(layer) - thick / 2), y: round(top), width: round(thick), height: round(pic.bottom - top), fill: "var(--blue)" });
      return { x: x(layer) - thick / 2, y: top, width: thick, height: Math.max(1, pic.bottom - top), lines: [layerName(layer), plural(count, "neuron")] };
    });
    across(pic, x, { ticks: data.layers.map((_, layer) => layer), format: (layer) => shortened(data.layers[layer], 90, 11), names, title: "layer (0 = embeddings)" });
    return [{ spots }];
  }
  const table = () => ({ columns: ["layer", "unit", "r"], rows: one.members.map((column, n) => [Math.floor(column / data.units), column % data.units, one.r[n]]) });
  return { draw, table };
}

function membersList(one) {
  const LONGEST = 200;
  const items = one.members.slice(0, LONGEST).map((column, n) => `${neuronName(column)} ${number(one.r[n], 2)}`);
  const rest = one.members.length - items.length;
  const text = items.join(" · ") + (rest > 0 ? ` and ${number(rest)} more: the CSV file above has all` : "");
  return make("details", { class: "values" }, make("summary", {}, "Members (layer, unit) with r to the representative"), make("p", { class: "members" }, text));
}

function ending(title, words, types) {
  const items = words.map(([before, word, after, deviations]) =>
    make("li", {}, before && make("span", { class: "quiet" }, `${before} `), make("bdi", { class: "word" }, word), after && make("span", { class: "quiet" }, ` ${after}`), ` ${signed(deviations)}`),
  );
  const means = types.map(([word, count, deviations]) => `${word} (${signed(deviations)}, ${number(count)} times)`).join(", ");
  return make("div", {}, make("h5", {}, `${title}, in standard deviations`), make("ol", {}, ...items), means ? make("p", { class: "quiet" }, `On average: ${means}.`) : null);
}

function signed(value) {
  return (value > 0 ? "+" : "") + number(value, 1);
}

// Members by words: dark is below a neuron's mean, bright above it.
function heatChart(heat, rows, one, most) {
  const r = new Map(one.members.map((column, n) => [column, one.r[n]]));
  function draw(svg, width) {
    const left = 68;
    const top = Math.min(130, wide(heat.words) * 1.15 + 14);
    const size = Math.min(46, (width - left - 8) / heat.words.length);
    const high = 24;
    const pic = picture(svg, width, top + rows.length * high + 50, { left, right: 8, top, bottom: 50 });
    heat.words.forEach((word, n) => {
      const at = `translate(${round(left + n * size + size / 2 + 4)} ${top - 6}) rotate(-90)`;
      pic.add("text", { transform: at, "font-size": 12, fill: INK }, shortened(word, (top - 14) / 1.15));
    });
    const drawn = rows.map((column, row) => {
      const y = top + row * high;
      pic.text(left - 6, y + 16, neuronName(column), { "text-anchor": "end", "font-size": 11 });
      const spots = heat.words.map((word, n) => {
        const value = heat.values[row][n];
        const x = left + n * size;
        pic.add("rect", { x: round(x), y, width: round(size - 1), height: high - 1, fill: heat01(value, most) });
        if (size > 33) pic.text(x + size / 2, y + 15, signed(value), { "text-anchor": "middle", "font-size": 10.5, fill: heatInk((value / most + 1) / 2) });
        const against = r.get(column) < 0 ? ", runs against the representative" : "";
        return { x, y, width: size, height: high, lines: [word, `neuron ${neuronName(column)}: ${number(value, 2)} standard deviations`, `r ${number(r.get(column) ?? 1, 2)}${against}`] };
      });
      return { spots };
    });
    const bottom = top + rows.length * high + 16;
    heatKey(pic, left, bottom, Math.min(300, width - left - 8), `−${number(most, 1)}`, `+${number(most, 1)}`, "standard deviations");
    return drawn;
  }
  const table = () => ({ columns: ["layer", "unit", ...heat.words], rows: rows.map((column, n) => [Math.floor(column / data.units), column % data.units, ...heat.values[n]]) });
  return { draw, table };
}

function heat01(value, most) {
  return heat((value / most + 1) / 2);
}
