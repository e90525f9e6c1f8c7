// Values by mouse, touch and keyboard: the same words in a tip for the eye and in a live region for screen readers.
//
// What is drawn is rows of spots {x, y, lines} from left to right, or {x, y, width, height, lines} for cells and bars.
function explore(stage, svg) {
  const tip = make("div", { class: "tip", hidden: true, "aria-hidden": "true" });
  const said = make("p", { class: "unseen said", "aria-live": "polite" });
  stage.append(tip, said);
  let rows = [];
  let at = null;

  function hide() {
    tip.hidden = true;
    svg.querySelectorAll(".cursor").forEach((node) => node.remove());
  }

  function show(row, place, speak = true) {
    at = [row, place];
    const spot = rows[row].spots[place];
    svg.querySelectorAll(".cursor").forEach((node) => node.remove());
    const look = { class: "cursor", fill: "none", stroke: "var(--focus)", "stroke-width": 2.5 };
    svg.append(
      spot.width === undefined
        ? mark("circle", { cx: round(spot.x), cy: round(spot.y), r: 8, ...look })
        : mark("rect", { x: round(spot.x), y: round(spot.y), width: round(spot.width), height: round(spot.height), ...look }),
    );
    tip.replaceChildren(...spot.lines.map((line, n) => make(n ? "div" : "strong", {}, line)));
    tip.hidden = false;
    const shown = svg.getBoundingClientRect();
    const outer = stage.getBoundingClientRect();
    const scale = shown.width / svg.viewBox.baseVal.width;
    const middle = shown.left - outer.left + (spot.x + (spot.width || 0) / 2) * scale;
    const top = shown.top - outer.top + spot.y * scale;
    const left = Math.min(Math.max(4, middle - tip.offsetWidth / 2), outer.width - tip.offsetWidth - 4);
    const above = top - tip.offsetHeight - 10;
    tip.style.left = `${Math.max(0, left)}px`;
    tip.style.top = `${above > 0 ? above : top + (spot.height || 0) * scale + 14}px`;
    if (speak) said.textContent = spot.lines.join(". ");
  }

  function nearest(x, y) {
    let best = null;
    rows.forEach(({ spots }, row) =>
      spots.forEach((spot, place) => {
        const dx = spot.width === undefined ? x - spot.x : Math.max(spot.x - x, 0, x - spot.x - spot.width);
        const dy = spot.width === undefined ? y - spot.y : Math.max(spot.y - y, 0, y - spot.y - spot.height);
        const far = dx * dx + dy * dy;
        if (best === null || far < best[0]) best = [far, row, place];
      }),
    );
    return best;
  }

  function point(event) {
    const box = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / box.width;
    const best = nearest((event.clientX - box.left) * scale, (event.clientY - box.top) * scale);
    if (best && best[0] < 60 * 60) show(best[1], best[2], event.type === "pointerdown");
    else hide();
  }

  function beside(row, x) {
    let best = 0;
    rows[row].spots.forEach((spot, place) => {
      if (Math.abs(spot.x - x) < Math.abs(rows[row].spots[best].x - x)) best = place;
    });
    return best;
  }

  function key(event) {
    if (!rows.length) return;
    if (event.key === "Escape") return hide();
    const [row, place] = at || [0, -1];
    const last = rows[row].spots.length - 1;
    const x = place < 0 ? 0 : rows[row].spots[place].x;
    const alone = last === 0;
    const down = event.key === "ArrowDown" || (alone && event.key === "ArrowRight");
    const up = event.key === "ArrowUp" || (alone && event.key === "ArrowLeft");
    let to = null;
    if (down || up) {
      const next = place < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, row + (down ? 1 : -1)));
      to = [next, beside(next, x)];
    } else if (event.key === "ArrowRight") to = [row, Math.min(last, place + 1)];
    else if (event.key === "ArrowLeft") to = [row, Math.max(0, place - 1)];
    else if (event.key === "Home") to = [row, 0];
    else if (event.key === "End") to = [row, last];
    else return;
    event.preventDefault();
    show(...to);
  }

  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerdown", point);
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("keydown", key);
  svg.addEventListener("focus", () => {
    if (svg.matches(":focus-visible") && rows.length) show(...(at || [0, 0]));
  });
  svg.addEventListener("blur", hide);
  return (drawn) => {
    rows = drawn.filter((row) => row.spots.length);
    at = null;
    hide();
  };
}
