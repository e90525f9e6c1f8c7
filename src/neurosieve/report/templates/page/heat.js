// Cells from dark to bright: cividis, which colour-blind readers see as others do.
const CIVIDIS = ["00224e", "083370", "35456c", "4f576c", "666970", "7d7c78", "948e77", "aea371", "c8b866", "e5cf52", "fee838"];

function mixed(from, to, share) {
  const parts = [0, 2, 4].map((at) => {
    const [a, b] = [from, to].map((hex) => parseInt(hex.slice(at, at + 2), 16));
    return Math.round(a + (b - a) * share).toString(16).padStart(2, "0");
  });
  return `#${parts.join("")}`;
}

// The colour of a share between 0 and 1.
function heat(share) {
  const place = Math.min(1, Math.max(0, share)) * (CIVIDIS.length - 1);
  const below = Math.min(CIVIDIS.length - 2, Math.floor(place));
  return mixed(CIVIDIS[below], CIVIDIS[below + 1], place - below);
}

function heatInk(share) {
  return share > 0.52 ? "#000000" : "#ffffff";
}

// What the colours mean: a bar from `low` to `high`.
function heatKey(pic, x, y, width, low, high, title) {
  const count = 40;
  for (let n = 0; n < count; n++) {
    pic.add("rect", { x: round(x + (n * width) / count), y, width: round(width / count + (n < count - 1 ? 1.2 : 0)), height: 10, fill: heat(n / (count - 1)) });
  }
  pic.text(x, y + 24, low, { "font-size": 11 });
  pic.text(x + width, y + 24, high, { "font-size": 11, "text-anchor": "end" });
  pic.text(x + width / 2, y + 24, title, { "font-size": 11, "text-anchor": "middle", fill: QUIET });
}
