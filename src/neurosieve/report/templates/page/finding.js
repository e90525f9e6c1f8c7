// Which clusters are meant: by a layer, a neuron, or part of a word that one responds to.
function wanted(text, seen) {
  const asked = text.trim().toLowerCase();
  if (!asked) return () => true;
  const neuron = asked.match(/^\(?\s*(\d+)\s*[,:/]\s*(\d+)\s*\)?$/);
  if (neuron) {
    const column = Number(neuron[1]) * data.units + Number(neuron[2]);
    return (one) => Number(neuron[2]) < data.units && one.members.includes(column);
  }
  const name = asked.replace(/^layer\s*/, "");
  const layer = data.layers.findIndex((one) => one.toLowerCase() === name);
  if (layer >= 0 && (asked !== name || !/^\d+$/.test(name))) {
    return (one) => one.members.some((column) => Math.floor(column / data.units) === layer);
  }
  return (one) => wordsOf(seen[one.number]).some((word) => word.toLowerCase().includes(asked));
}

// The words that a cluster responds to, the strongest first; none where it was not looked at.
function wordsOf(at) {
  if (!at) return [];
  const words = [...at.highest_types, ...at.lowest_types].map((one) => one[0]);
  return [...words, ...[...at.highest, ...at.lowest].map((one) => one[1])];
}

function layersOf(one) {
  const layers = one.members.map((column) => Math.floor(column / data.units));
  return [Math.min(...layers), Math.max(...layers)];
}

function spanOf(one) {
  const [low, high] = layersOf(one);
  return high - low + 1;
}

const CLUSTER_ORDERS = {
  size: ["most neurons", (a, b) => b.members.length - a.members.length],
  span: ["most layers spanned", (a, b) => spanOf(b) - spanOf(a)],
  radius: ["largest radius", (a, b) => b.radius - a.radius],
  explained: ["best explained", (a, b) => b.explained - a.explained],
};
