(() => {
  "use strict";
  const all = (query, root = document) => Array.from(root.querySelectorAll(query));
  const body = document.querySelector("#streams tbody"), heads = all("#streams th"), rows = all("tr", body);
  const words = document.querySelector("#words"), shown = document.querySelector("#shown");
  const language = document.documentElement.lang;
  const order = new Intl.Collator(language, { numeric: true }).compare;
  let keys = null, texts = null;  // read when they are first asked for
  const failed = rows.map((row) => row.classList.contains("failed"));

  function sort(column, down) {
    keys ??= rows.map((row) => Array.from(row.cells, (cell) => cell.dataset.s ?? cell.textContent.trim()));
    const number = heads[column].classList.contains("count");
    const places = rows.map((_, at) => at);
    places.sort((a, b) => {
      if (failed[a] !== failed[b]) return failed[a] ? -1 : 1;  // what could not be processed stays on top
      const x = keys[a][column] ?? "", y = keys[b][column] ?? "";
      if ((x === "") !== (y === "")) return x === "" ? 1 : -1;  // nothing known: last, either way
      const compared = number ? x - y : order(x, y);
      return (down ? -compared : compared) || a - b;
    });
    body.append(...places.map((at) => rows[at]));
    heads.forEach((head, at) => head.setAttribute("aria-sort", at !== column ? "none" : down ? "descending" : "ascending"));
  }

  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const now = head.getAttribute("aria-sort");
    sort(column, now === "none" || !now ? head.classList.contains("count") : now === "ascending");
  }));

  words.addEventListener("input", () => {
    const asked = words.value.trim().toLowerCase();
    texts ??= rows.map((row) => row.textContent.toLowerCase());
    let count = 0;
    rows.forEach((row, at) => { row.hidden = !texts[at].includes(asked); count += !row.hidden; });
    shown.textContent = asked ? shown.dataset.text.replace("%1", count).replace("%2", rows.length) : "";
  });
})();
