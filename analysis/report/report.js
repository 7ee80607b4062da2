// Without scripts the page is complete: this adds sorting, and opens folded parts for paper.
"use strict";
const key = cell => {
  const text = cell.textContent.trim();
  const number = parseFloat(text.replace(/\u2212/g, "-").replace(/[\u202f\s]/g, "").replace("∞", "Infinity"));
  return text === "" || text === "–" ? null : Number.isNaN(number) ? text : number;
};
// What is empty stands last in both directions; numbers before words.
const order = (a, b, sign) => a === null || b === null ? (a === null) - (b === null) :
  typeof a === typeof b ? sign * (a > b ? 1 : a < b ? -1 : 0) : sign * (typeof a === "number" ? -1 : 1);
for (const table of document.querySelectorAll("table")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      const body = table.tBodies[0];
      const rows = [...body.rows].map(row => [key(row.cells[column]), row]);
      rows.sort((a, b) => order(a[0], b[0], sign));
      body.append(...rows.map(row => row[1]));
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    });
  });
}
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not(.long):not([open])")];
  for (const details of opened) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
});
