// The clusters of two neurons or more: found by word, layer or neuron, and each shown with its words.
const LISTED = 12;
const ASIDE = new Set(["radius", "explained"]); // a phone has no room for them beside the words

function browse(place) {
  const { found, seen, all } = data.clusters;
  if (!found.length) return;
  let asked = "";
  let order = "size";
  let room = LISTED;
  let chosen = found[0].number;
  const told = make("output", { class: "told" });
  const body = make("tbody", {});
  const heads = ["cluster", "neurons", "layers", "radius", "explained", data.clusters.texts ? "" : "words"].filter(Boolean);
  const list = make("table", { class: "list" },
    make("caption", { class: "unseen" }, "Clusters"),
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col", class: head === "words" ? "text" : ASIDE.has(head) && "aside" }, head)))), body);
  const more = button("Show more", () => {
    room += 4 * LISTED;
    listed();
  });
  const shown = make("div", { class: "shown" });
  const said = make("p", { class: "unseen", "aria-live": "polite" });
  const search = make("input", { type: "search", placeholder: "between, layer 3, (3, 17)", autocomplete: "off", spellcheck: "false" });
  search.addEventListener("input", () => {
    asked = search.value;
    room = LISTED;
    listed();
  });
  const orders = Object.entries(CLUSTER_ORDERS).map(([key, [title]]) => [key, title]);
  const pick = choice(orders, order, (key) => {
    order = key;
    room = LISTED;
    listed();
  });

  function matching() {
    const test = wanted(asked, seen);
    return found.filter(test).sort((a, b) => CLUSTER_ORDERS[order][1](a, b) || a.number - b.number);
  }

  function listed() {
    const matches = matching();
    const rest = all > found.length ? ` of the ${number(found.length)} largest of ${number(all)}` : ` of ${number(found.length)}`;
    told.textContent = `${plural(matches.length, "cluster")}${matches.length < found.length || all > found.length ? rest : ""}`;
    body.replaceChildren(...matches.slice(0, room).map(row));
    more.hidden = matches.length <= room;
  }

  function row(one) {
    const [low, high] = layersOf(one);
    const open = button(number(one.number), () => {
      chosen = one.number;
      [...body.querySelectorAll("button")].forEach((each) => each.setAttribute("aria-pressed", each === open));
      showCluster(shown, one, seen[one.number]);
      said.textContent = `Cluster ${one.number} is shown below the list.`;
    }, { class: "open", "aria-pressed": one.number === chosen, "aria-label": `Show cluster ${one.number}` });
    const words = [...new Set(wordsOf(seen[one.number]))].slice(0, 6).join(", ");
    const cells = [number(one.members.length), low === high ? data.layers[low] : `${data.layers[low]} to ${data.layers[high]}`, one.radius.toFixed(2), percent(one.explained, 0)];
    return make("tr", {}, make("th", { scope: "row" }, open), ...cells.map((text, n) => make("td", { class: ASIDE.has(heads[n + 1]) && "aside" }, text)),
      heads.includes("words") ? make("td", { class: "text words" }, words || "–") : null);
  }

  place.querySelector(".still").hidden = true;
  place.append(
    make("div", { class: "live" },
      make("div", { class: "controls" }, labelled("Find word, layer or neuron", search), labelled("Order", pick), told),
      make("div", { class: "scroll card list-place", tabindex: 0, role: "region", "aria-label": "List of clusters" }, list),
      more, said, shown),
  );
  listed();
  showCluster(shown, found[0], seen[found[0].number]);
}
