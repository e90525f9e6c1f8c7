// How alike the layers are: every pair a cell, by the measure that is chosen.
function ckaFigure(view) {
  const measures = data.general.measures;
  let chosen = measures[0];
  const names = data.layers;
  const count = names.length;

  if (measures.length > 1) {
    const options = measures.map((one) => [one.key, one.title]);
    const pick = choice(options, chosen.key, (key) => {
      chosen = measures.find((one) => one.key === key);
      view.redraw();
    });
    view.controls.append(labelled("Measure", pick));
  }

  function lines(row, column) {
    const all = measures.map((one) => {
      const range = one.low ? ` [${number(one.low[row][column], 3)}, ${number(one.high[row][column], 3)}]` : "";
      return `${one.title}: ${number(one.values[row][column], 3)}${row === column ? "" : range}`;
    });
    const place = measures.indexOf(chosen);
    return [`${layerName(row)} and ${layerName(column)}`, all[place], ...all.filter((_, n) => n !== place)];
  }

  function draw(width) {
    const margin = Math.min(110, Math.max(34, wide(names) + 12));
    const side = Math.min(width - margin - 4, Math.max(300, 58 * count), 620);
    const left = margin + Math.floor((width - margin - 4 - side) / 2);
    const size = side / count;
    const top = 4;
    const height = top + side + (wide(names) > 30 ? margin : 24) + 66;
    const pic = picture(view.svg, width, height, { left, right: 4, top, bottom: height - top - side });
    const upright = wide(names) > size - 2;
    const every = Math.ceil(13 / size);
    const rows = names.map((name, row) => {
      const y = top + row * size;
      if (row % every === 0) {
        pic.text(left - 6, y + size / 2 + 4, shortened(name, margin - 8), { "text-anchor": "end" });
        const x = left + row * size + size / 2;
        const under = top + side;
        if (upright && wide(names) > 30) {
          const at = `translate(${round(x + 4)} ${under + 6}) rotate(-90)`;
          pic.add("text", { transform: at, "text-anchor": "end", "font-size": 12, fill: INK }, shortened(name, margin - 8));
        } else if (!upright || row % Math.ceil((wide(names) + 4) / size) === 0) pic.text(x, under + 16, name, { "text-anchor": "middle" });
      }
      const spots = names.map((_, column) => {
        const value = chosen.values[row][column];
        const x = left + column * size;
        pic.add("rect", { x: round(x), y: round(y), width: round(size - (size > 12 ? 1 : 0)), height: round(size - (size > 12 ? 1 : 0)), fill: heat(value) });
        if (size > 29) {
          pic.text(x + size / 2, y + size / 2 + 4, number(value, 2), { "text-anchor": "middle", "font-size": size > 38 ? 12 : 10.5, fill: heatInk(value) });
        }
        return { x, y, width: size, height: size, lines: lines(row, column) };
      });
      return { spots };
    });
    pic.text(left + side / 2, height - 54, "layer (0 = embeddings)", { "text-anchor": "middle", fill: QUIET });
    heatKey(pic, left, height - 38, Math.min(side, 340), "0", "1", shortened(chosen.title, Math.min(side, 340) - 40, 11));
    return rows;
  }

  function table() {
    const columns = ["layer", "other_layer"];
    for (const one of measures) columns.push(one.key, ...(one.low ? [`${one.key}_low`, `${one.key}_high`] : []));
    const rows = [];
    for (let i = 0; i < count; i++) {
      for (let j = i + 1; j < count; j++) {
        const cells = measures.flatMap((one) => [one.values[i][j], ...(one.low ? [one.low[i][j], one.high[i][j]] : [])]);
        rows.push([names[i], names[j], ...cells]);
      }
    }
    return { columns, rows };
  }
  return { draw, table };
}
