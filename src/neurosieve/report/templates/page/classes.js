// F1 of every class, oracle beside sieve, in the order that is asked for.
const FIRST_CLASSES = 25;

function classesFigure(view) {
  const task = data.tasks[view.part];
  const has = task.classes.some((one) => one.sieve);
  const lost = (one) => (one.sieve ? one.oracle[2] - one.sieve[2] : 0);
  const named = (a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : 0);
  const orders = {
    support: ["most frequent first", (a, b) => b.support - a.support || named(a, b)],
    loss: ["most lost first", (a, b) => lost(b) - lost(a) || named(a, b)],
    worst: ["lowest score first", (a, b) => (a.sieve || a.oracle)[2] - (b.sieve || b.oracle)[2] || named(a, b)],
    oracle: ["highest oracle first", (a, b) => b.oracle[2] - a.oracle[2] || named(a, b)],
    label: ["by name", named],
  };
  if (!has) delete orders.loss;
  let order = "support";
  let all = task.classes.length <= FIRST_CLASSES;
  const options = Object.entries(orders).map(([key, [title]]) => [key, title]);
  view.controls.append(labelled("Order", choice(options, order, (key) => {
    order = key;
    view.redraw();
  })));
  if (!all) {
    const more = button(`Show all ${number(task.classes.length)} classes`, () => {
      all = !all;
      more.textContent = all ? `Show ${FIRST_CLASSES} classes` : `Show all ${number(task.classes.length)} classes`;
      view.redraw();
    });
    view.controls.append(more);
  }
  const key = [sampleBar("oracle", "var(--pale)")];
  if (has) key.push(sampleBar("sieve", "var(--purple)"));
  view.controls.append(make("span", { class: "key" }, ...key));

  const sorted = () => [...task.classes].sort(orders[order][1]);

  function draw(width) {
    const rows = sorted().slice(0, all ? undefined : FIRST_CLASSES);
    const label = (one) => `${one.label} (${number(one.support)})`;
    const left = Math.min(width * 0.42, 12 + wide(rows.map(label)));
    const thick = has ? 30 : 20;
    const height = 24 + rows.length * thick + 44;
    const pic = picture(view.svg, width, height, { left, right: 52, top: 20, bottom: 44 });
    const x = linear(0, 1, pic.left, pic.right);
    for (const tick of x.ticks(4)) pic.add("line", { x1: round(x(tick)), x2: round(x(tick)), y1: pic.top, y2: pic.bottom, stroke: RULE });
    pic.text(4, 12, `class (${task.row}s in test)`, { fill: QUIET });
    across(pic, x, { ticks: x.ticks(4), format: (share) => `${Math.round(100 * share)}`, title: "F1 on test (%)" });
    return rows.map((one, place) => {
      const y = 24 + place * thick;
      pic.text(left - 6, y + (has ? 16 : 12), shortened(label(one), left - 10), { "text-anchor": "end" });
      bar(pic, x, y + 1, 11, one.oracle[2], "var(--pale)");
      if (one.sieve) bar(pic, x, y + 13, 11, one.sieve[2], "var(--purple)");
      if (one.sieve) pic.text(pic.right + 48, y + 16, scoring({ percent: true }).change(-lost(one)).replace(" points", ""), { "text-anchor": "end", "font-size": 11 });
      return { spots: [{ x: pic.left, y, width: pic.right - pic.left, height: has ? 26 : 14, lines: lines(one) }] };
    });
  }

  function lines(one) {
    const said = ([precision, recall, f1]) => `F1 ${percent(f1)} (precision ${percent(precision)}, recall ${percent(recall)})`;
    const found = [one.label, `${plural(one.support, task.row)} in test`, `oracle ${said(one.oracle)}`];
    if (one.sieve) found.push(`sieve ${said(one.sieve)}`, `${number(-100 * lost(one), 1)} points`);
    return found;
  }

  function table() {
    const columns = ["class", "support", "oracle_precision", "oracle_recall", "oracle_f1", "sieve_precision", "sieve_recall", "sieve_f1"];
    return { columns, rows: sorted().map((one) => [one.label, one.support, ...one.oracle, ...(one.sieve || [null, null, null])]) };
  }
  return { draw, table };
}

function bar(pic, x, y, thick, value, color) {
  const width = Math.max(0.5, x(value) - x(0));
  pic.add("rect", { x: round(x(0)), y, width: round(width), height: thick, fill: color, stroke: "var(--edge)", "stroke-width": 0.5 });
}

function sampleBar(name, color) {
  const svg = mark("svg", { width: 18, height: 11, "aria-hidden": "true" }, mark("rect", { width: 18, height: 11, fill: color }));
  return make("span", {}, svg, ` ${name} `);
}
