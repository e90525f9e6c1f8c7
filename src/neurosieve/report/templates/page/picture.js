// A picture that is as wide as its place: letters keep their size on a phone. Colours are names in page.css, so that dark
// mode and print need no second drawing.
const INK = "var(--ink)";
const QUIET = "var(--quiet)";
const RULE = "var(--rule)";

function picture(svg, width, height, margin) {
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("width", width);
  svg.setAttribute("height", height);
  const pic = {
    svg, width, height,
    left: margin.left, right: width - margin.right, top: margin.top, bottom: height - margin.bottom,
    add: (tag, attributes, ...children) => svg.appendChild(mark(tag, attributes, ...children)),
    text: (x, y, words, attributes) =>
      svg.appendChild(mark("text", { x: round(x), y: round(y), fill: INK, "font-size": 12, ...attributes }, words)),
  };
  return pic;
}

function round(value) {
  return Math.round(value * 10) / 10;
}

// Room for the longest of some words at 12 px; letters of the page's fonts are about 6.6 px wide.
function wide(words, size = 12) {
  return Math.max(0, ...words.map((word) => word.length)) * size * 0.56;
}

function shortened(words, room, size = 12) {
  const most = Math.max(3, Math.floor(room / (size * 0.56)));
  return words.length > most ? `${words.slice(0, most - 1)}…` : words;
}

function across(pic, scale, { ticks, format, title, names = 0 }) {
  const upright = names > 0;
  let last = -Infinity;
  for (const tick of ticks) {
    const x = scale(tick);
    const words = format(tick);
    pic.add("line", { x1: round(x), x2: round(x), y1: pic.bottom, y2: pic.bottom + 4, stroke: QUIET });
    const room = upright ? 13 : wide([words], 11) + 6;
    if (x - last < room) continue;
    last = x;
    if (upright) {
      const at = `translate(${round(x + 4)} ${pic.bottom + 8}) rotate(-90)`;
      pic.add("text", { transform: at, "text-anchor": "end", "font-size": 11, fill: INK }, words);
    } else pic.text(x, pic.bottom + 17, words, { "text-anchor": "middle", "font-size": 11 });
  }
  pic.add("line", { x1: pic.left, x2: pic.right, y1: pic.bottom, y2: pic.bottom, stroke: QUIET });
  wrapped(title, pic.width).forEach((line, n) => {
    const half = wide([line]) / 2;
    const middle = Math.max(half + 2, Math.min((pic.left + pic.right) / 2, pic.width - half - 2));
    pic.text(middle, pic.bottom + (upright ? names + 26 : 35) + 15 * n, line, { "text-anchor": "middle", fill: QUIET });
  });
}

// A title in lines that fit.
function wrapped(title, width) {
  const lines = [];
  for (const word of title.split(" ")) {
    const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines.length && wide([longer]) <= width - 8) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

// Room under a picture for ticks and the title of its axis.
function foot(title, width, names = 0) {
  return 29 + names + 15 * wrapped(title, width).length;
}

// The title stands over the axis, where it can be read without turning one's head.
function upward(pic, scale, { ticks, format, title }) {
  for (const tick of ticks) {
    const y = round(scale(tick));
    pic.add("line", { x1: pic.left, x2: pic.right, y1: y, y2: y, stroke: RULE });
    pic.text(pic.left - 6, y + 4, format(tick), { "text-anchor": "end", "font-size": 11 });
  }
  if (title) pic.text(4, pic.top - 10, title, { fill: QUIET });
}

function path(pic, points, attributes) {
  if (!points.length) return;
  const d = points.map(([x, y], place) => `${place ? "L" : "M"}${round(x)} ${round(y)}`).join("");
  pic.add("path", { d, fill: "none", "stroke-width": 1.6, "stroke-linejoin": "round", ...attributes });
}

const SHAPES = {
  circle: "M-4 0A4 4 0 1 0 4 0A4 4 0 1 0-4 0Z",
  square: "M-3.6-3.6H3.6V3.6H-3.6Z",
  triangle: "M0-4.8L4.4 3.4H-4.4Z",
  fall: "M0 4.8L4.4-3.4H-4.4Z",
  diamond: "M0-5L4.4 0L0 5L-4.4 0Z",
  cross: "M-3.4-3.4L3.4 3.4M-3.4 3.4L3.4-3.4",
  plus: "M-4.4 0H4.4M0-4.4V4.4",
  star: "M0-9L2.3-2.9L8.6-2.8L3.6 1.2L5.3 7.3L0 3.7L-5.3 7.3L-3.6 1.2L-8.6-2.8L-2.3-2.9Z",
};

function dot(pic, x, y, { shape = "circle", color, hollow = false, size = 1, ...others }) {
  const open = shape === "cross" || shape === "plus";
  const look = { fill: open ? "none" : hollow ? "var(--paper)" : color, stroke: color, "stroke-width": open ? 1.8 : 1.4 };
  const at = `translate(${round(x)} ${round(y)})${size === 1 ? "" : ` scale(${size})`}`;
  return pic.add("path", { d: SHAPES[shape], transform: at, ...look, ...others });
}

// An interval from low to high at one place.
function whisker(pic, x, low, high, color, others) {
  const d = `M${round(x)} ${round(low)}V${round(high)}M${round(x - 3)} ${round(low)}h6M${round(x - 3)} ${round(high)}h6`;
  pic.add("path", { d, stroke: color, "stroke-width": 1.1, fill: "none", ...others });
}

// A level across the picture, with its interval as a band.
function level(pic, scale, scores, { dash, band = false, color = INK } = {}) {
  const y = round(scale(scores[0]));
  if (band && scores.length > 1) {
    const top = scale(scores[2]);
    const height = Math.max(0.5, scale(scores[1]) - top);
    pic.add("rect", { x: pic.left, width: pic.right - pic.left, y: round(top), height: round(height), fill: "var(--band)" });
  }
  pic.add("line", { x1: pic.left, x2: pic.right, y1: y, y2: y, stroke: color, "stroke-width": 1.3, "stroke-dasharray": dash });
}
