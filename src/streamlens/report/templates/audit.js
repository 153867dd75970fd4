(() => {
  "use strict";
  const one = (query) => document.querySelector(query);
  const all = (query, root = document) => Array.from(root.querySelectorAll(query));
  const { parts, lead } = JSON.parse(one("#data").textContent);
  const media = one("#media"), player = one("#player"), missing = one("#missing"), why = one("#why"), now = one("#now");

  // ---- the player: one element, the parts of the recording on one time line
  const sources = parts.map((part) => part.src);
  let loaded = -1, wanted = null;

  const partAt = (ms) => parts.reduce((found, part, at) => (part.start <= ms ? at : found), 0);
  const tell = (kind, name) => { why.textContent = why.dataset[kind].replace("%1", name || ""); missing.hidden = false; media.hidden = true; };

  function load(at) {
    loaded = at;
    if (!sources[at]) { media.removeAttribute("src"); tell("none"); return false; }
    missing.hidden = true;
    media.hidden = false;
    media.src = sources[at];
    return true;
  }

  function start() {
    const started = media.play();
    if (started) started.catch(() => {});  // refused or not loadable: the error event says so
  }

  function seek(ms, play = true) {
    const at = partAt(ms);
    const seconds = Math.max(0, ms - lead - parts[at].start) / 1000;
    player.classList.add("open");
    one("#open").hidden = true; one("#close").hidden = false;
    if (at !== loaded || media.error) load(at);
    if (media.readyState >= 1) media.currentTime = seconds; else wanted = seconds;
    if (!sources[at]) return;
    if (play) start();
  }

  media.addEventListener("loadedmetadata", () => {
    if (wanted !== null) { media.currentTime = wanted; wanted = null; }
  });
  media.addEventListener("error", () => {
    if (media.error) tell(sources[loaded].startsWith("blob:") ? "broken" : "missing", parts[loaded].name);
  });
  media.addEventListener("ended", () => {
    if (loaded + 1 < parts.length && load(loaded + 1)) start();
  });
  one("#pick").addEventListener("change", (event) => {
    const files = Array.from(event.target.files);
    parts.forEach((part, at) => {
      const file = files.find((file) => file.name === part.name) || (files.length === parts.length ? files[at] : null);
      if (file) sources[at] = URL.createObjectURL(file);
    });
    const asked = wanted;
    if (load(Math.max(loaded, 0)) && asked !== null) start();
  });
  one("#open").addEventListener("click", () => seek(0, false));
  one("#close").addEventListener("click", () => {
    media.pause(); player.classList.remove("open");
    one("#open").hidden = false; one("#close").hidden = true;
  });

  // ---- what is being said: the transcript follows the player
  const lines = all(".chunk p:not(.silence)");
  const starts = lines.map((line) => 1000 * line.querySelector(".at").hash.slice(3));
  let current = null;
  media.addEventListener("timeupdate", () => {
    const ms = parts[loaded].start + media.currentTime * 1000;
    let low = 0, high = starts.length;
    while (low < high) { const middle = (low + high) >> 1; if (starts[middle] <= ms) low = middle + 1; else high = middle; }
    const line = lines[low - 1] || null;
    if (line === current) return;
    if (current) current.classList.remove("current");
    current = line;
    now.textContent = "";
    if (!line) return;
    line.classList.add("current");
    now.textContent = line.textContent.replace(line.querySelector(".at").textContent, "");
  });

  // ---- filters
  const cards = all(".card"), groups = all(".group"), tiles = all(".tile"), product = one("#product"), shown = one("#shown");
  let verdict = "";

  function filter() {
    let count = 0;
    cards.forEach((card) => {
      card.hidden = Boolean((verdict && card.dataset.v !== verdict) || (product.value && card.dataset.p !== product.value));
      if (!card.hidden) count += 1;
    });
    groups.forEach((group) => {
      group.hidden = !group.querySelector(".card:not([hidden])");
      if (verdict && group.tagName === "DETAILS") group.open = group.dataset.v === verdict;
    });
    tiles.forEach((tile) => tile.setAttribute("aria-pressed", String(tile.dataset.v === verdict)));
    const filtered = Boolean(verdict || product.value);
    shown.textContent = filtered ? shown.dataset.text.replace("%1", count).replace("%2", cards.length) : "";
    one("#all").hidden = !filtered;
  }

  tiles.forEach((tile) => tile.addEventListener("click", () => {
    verdict = verdict === tile.dataset.v ? "" : tile.dataset.v;
    filter();
    if (verdict) one("#findings").scrollIntoView({ block: "start" });
  }));
  product.addEventListener("change", filter);
  one("#all").addEventListener("click", () => { verdict = ""; product.value = ""; filter(); });

  // ---- links: #t=12.3 is a second of the recording, #f-... a finding
  function show(card) {
    if (card.hidden) { verdict = ""; product.value = ""; filter(); }
    const group = card.closest("details.group");
    if (group) group.open = true;
    card.scrollIntoView({ block: "center" });
    requestAnimationFrame(() => card.scrollIntoView({ block: "center" }));  // once more: cards above now have real heights
    all(".card.flash").forEach((other) => other.classList.remove("flash"));
    card.classList.add("flash");
  }

  function follow(hash, fromChart) {
    if (hash.startsWith("#t=")) { seek(1000 * hash.slice(3)); return true; }
    const card = hash.startsWith("#f-") && document.getElementById(hash.slice(1));
    if (!card) return false;
    show(card);
    if (fromChart) seek(1000 * card.querySelector("header .time").hash.slice(3));
    return true;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link) {
      const hash = link.getAttribute("href");
      if (follow(hash, Boolean(link.closest(".timeline")))) { event.preventDefault(); history.replaceState(null, "", hash); }
      return;
    }
    const line = event.target.closest(".chunk p");
    if (line && !String(window.getSelection())) seek(1000 * line.querySelector(".at").hash.slice(3));
  });

  all(".timeline a > [aria-label]").forEach((shape) => {  // what a mark says, when the mouse rests on it
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.textContent = shape.getAttribute("aria-label");
    shape.append(title);
  });

  let opened = [];
  window.addEventListener("beforeprint", () => {  // paper has no folds: all findings, and the traces that are open now
    opened = groups.filter((group) => group.tagName === "DETAILS" && !group.open);
    opened.forEach((group) => { group.open = true; });
  });
  window.addEventListener("afterprint", () => opened.forEach((group) => { group.open = false; }));

  load(0);
  follow(location.hash, false);
})();
