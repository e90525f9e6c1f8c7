// Numbers as the sentences of the page write them: a true minus sign, thousands separated, no negative zero.
function number(value, digits = 0) {
  const [whole, rest] = Math.abs(value).toFixed(digits).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",") + (rest === undefined ? "" : `.${rest}`);
  return value < 0 && /[1-9]/.test(grouped) ? `−${grouped}` : grouped;
}

function percent(share, digits = 1) {
  const step = 10 ** -digits;
  if (100 * share < 100 && 100 * share >= 100 - step / 2) return `> ${(100 - step).toFixed(digits)}\u00a0%`;
  if (share > 0 && 100 * share <= step / 2) return `< ${step.toFixed(digits)}\u00a0%`;
  return `${number(100 * share, digits)}\u00a0%`;
}

function plural(value, noun) {
  return `${number(value)} ${noun}${value === 1 ? "" : noun.endsWith("s") ? "es" : "s"}`;
}

// A share that was set, such as a tolerance: no digits beyond its own.
function setting(share) {
  return `${Number((100 * share).toFixed(6))} %`;
}

// How the scores of a metric are written: in percent, or as numbers of three digits.
function scoring(metric) {
  const digits = metric.percent ? 1 : 3;
  const scale = metric.percent ? 100 : 1;
  const value = (score) => (metric.percent ? percent(score) : number(score, 3));
  const range = (low, high) => `[${number(scale * low, digits)}, ${number(scale * high, digits)}]`;
  return {
    title: metric.title,
    axis: metric.percent ? `${metric.title} (%)` : metric.title,
    tick: (score) => (metric.percent ? `${Number((100 * score).toFixed(3))}` : `${Number(score.toFixed(3))}`.replace("-", "−")),
    value,
    // [value, low, high], or [value] where there is no interval
    full: (scores) => (scores.length > 1 ? `${value(scores[0])} ${range(scores[1], scores[2])}` : value(scores[0])),
    change: (score) => `${score > 0 ? "+" : ""}${number(scale * score, digits)}${metric.percent ? " points" : ""}`,
  };
}

// 'layer 3', or the name of a part of a block such as 'attention 3'.
function layerName(layer) {
  const name = data.layers[layer];
  return /^\d+$/.test(name) ? `layer ${name}` : name;
}

function layersNamed(from, to) {
  if (from === to) return layerName(from);
  return /^\d+$/.test(data.layers[from]) && /^\d+$/.test(data.layers[to])
    ? `layers ${data.layers[from]} to ${data.layers[to]}`
    : `${layerName(from)} to ${layerName(to)}`;
}

// A column as people name it: layer and unit.
function neuronName(column) {
  return `(${Math.floor(column / data.units)}, ${column % data.units})`;
}
