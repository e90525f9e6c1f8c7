// The numbers behind a picture, for who would rather read them; made when opened.
function dataTable(title, rowsOf) {
  const place = make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `${title}: values` });
  const details = make("details", { class: "values" }, make("summary", {}, "Values as a table"), place);
  const fill = () => {
    if (details.open) place.replaceChildren(tableOf(title, rowsOf()));
  };
  details.addEventListener("toggle", fill);
  return { details, fill };
}

function shownCell(value) {
  if (value === null || value === undefined) return "–";
  if (value === true || value === false) return value ? "yes" : "no";
  if (typeof value !== "number") return value;
  return Number.isInteger(value) ? number(value) : number(value, Math.abs(value) < 10 ? 4 : 1);
}

const LONGEST_TABLE = 500;

function tableOf(title, { columns, rows }) {
  const head = make("tr", {}, ...columns.map((name) => make("th", { scope: "col" }, name)));
  const body = rows.slice(0, LONGEST_TABLE).map((row) =>
    make("tr", {}, ...row.map((value) => make("td", { class: typeof value === "string" && "text" }, shownCell(value)))),
  );
  const more = rows.length > LONGEST_TABLE ? `, the first ${LONGEST_TABLE} of ${number(rows.length)} rows; the CSV file has all` : "";
  return make("table", {}, make("caption", {}, title + more), make("thead", {}, head), make("tbody", {}, ...body));
}
