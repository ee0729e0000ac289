"use strict";
// One row of CSV from the filled-in form, saved as a file: nothing is sent anywhere.
const about = JSON.parse(document.getElementById("about").textContent);
const form = document.querySelector("form");

function quoted(text) {
  // A cell that a spreadsheet would take for a formula begins with a blank.
  const safe = /^[=+@-]/.test(text) ? " " + text : text;
  return '"' + safe.replace(/"/g, '""').replace(/\s+/g, " ") + '"';
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const given = new FormData(form);
  const row = about.columns.map((column) => quoted((given.get(column) || "").trim()));
  const csv = about.columns.map(quoted).join(",") + "\r\n" + row.join(",") + "\r\n";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
  link.download = ["answers", ...about.names.map((name) => given.get(name).replace(/\W+/g, "_"))].join("-") + ".csv";
  link.click();
  URL.revokeObjectURL(link.href);
  document.getElementById("told").textContent = "Saved as " + link.download + ". Thank you!";
});
