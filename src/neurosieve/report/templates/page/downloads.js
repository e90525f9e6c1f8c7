// A picture and its numbers as files, made here: nothing is fetched.
function save(name, blob) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// The colours of page.css by day, whatever the window shows.
function byDay(css) {
  const day = document.styleSheets[0].cssRules[0].style;
  return css.replace(/var\((--[a-z0-9-]+)\)/g, (_, name) => day.getPropertyValue(name).trim() || "#000000");
}

function alone(svg) {
  const copy = svg.cloneNode(true);
  copy.querySelectorAll(".cursor").forEach((node) => node.remove());
  const [, , width, height] = copy.getAttribute("viewBox").split(/[ ,]+/).map(Number);
  const kept = new Set(["viewBox", "width", "height", "xmlns"]);
  for (const { name } of [...copy.attributes]) if (!kept.has(name)) copy.removeAttribute(name);
  for (const [name, value] of Object.entries({ width, height, "font-family": "DejaVu Sans, Verdana, Arial, sans-serif" })) {
    copy.setAttribute(name, value);
  }
  copy.prepend(mark("rect", { width, height, fill: "#ffffff" }));
  return { text: byDay(new XMLSerializer().serializeToString(copy)), width, height };
}

function saveSvg(name, svg) {
  save(`${name}.svg`, new Blob([alone(svg).text], { type: "image/svg+xml" }));
}

function savePng(name, svg) {
  const { text, width, height } = alone(svg);
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  const image = new Image();
  image.onload = () => {
    const canvas = make("canvas", { width: 2 * width, height: 2 * height });
    canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
    canvas.toBlob((blob) => save(`${name}.png`, blob), "image/png");
    URL.revokeObjectURL(url);
  };
  image.src = url;
}

// As the tables beside the page: a quote before what a spreadsheet would run.
function cell(value) {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" && /^\s*[=+\-@＝＋－＠]|^\s+\S/.test(value) ? `'${value}` : String(value);
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function saveCsv(name, { columns, rows }) {
  const text = [columns, ...rows].map((row) => row.map(cell).join(",") + "\n").join("");
  save(`${name}.csv`, new Blob([text], { type: "text/csv" }));
}
