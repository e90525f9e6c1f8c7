// Elements are made one by one, and text is only ever text: no word of a corpus can become markup.
const SVG = "http://www.w3.org/2000/svg";

function furnish(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== undefined && child !== null));
  return node;
}

// An HTML element: attributes with a function are listeners, children are elements or text.
function make(tag, attributes, ...children) {
  return furnish(document.createElement(tag), attributes, children);
}

// The same for a part of a picture.
function mark(tag, attributes, ...children) {
  return furnish(document.createElementNS(SVG, tag), attributes, children);
}

function button(text, act, attributes) {
  return make("button", { type: "button", click: act, ...attributes }, text);
}

let fields = 0;

// A label and its control, side by side.
function labelled(text, control, output) {
  control.id = `field-${++fields}`;
  return make("span", { class: "field" }, make("label", { for: control.id }, text), control, output);
}

// A list to choose one from: options are [value, text].
function choice(options, chosen, act) {
  const list = options.map(([value, text]) => make("option", { value, selected: value === chosen }, text));
  return make("select", { change: (event) => act(event.target.value) }, ...list);
}

function slider(least, most, step, value, act) {
  const input = make("input", { type: "range", min: least, max: most, step, value });
  input.addEventListener("input", () => act(Number(input.value)));
  return input;
}
