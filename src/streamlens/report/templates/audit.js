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

  // ---- filters: verdicts (tiles), kind, product, sureness, words; what is chosen stands in the address
  const cards = all(".card"), groups = all(".group"), tiles = all(".tile"), shown = one("#shown");
  const words = one("#words"), kind = one("#kind"), product = one("#product"), sure = one("#sure");
  const facts = cards.map((card) => ({ v: card.dataset.v, k: card.dataset.k, p: card.dataset.p, c: Number(card.dataset.c), text: null }));
  const fields = { k: kind, p: product, c: sure, q: words };
  const verdicts = new Set();
  all("option", one("#findings")).forEach((option) => { option.dataset.name = option.textContent; });

  const within = (value, span) => { const [low, high] = span.split("-").map(Number); return value >= low && (value < high || high === 1); };
  const tests = {
    v: (fact) => !verdicts.size || verdicts.has(fact.v),
    k: (fact) => !kind.value || fact.k === kind.value,
    p: (fact) => !product.value || fact.p === product.value,
    c: (fact) => !sure.value || within(fact.c, sure.value),
    q: (fact, at) => {
      const asked = words.value.trim().toLowerCase();
      if (!asked) return true;
      if (fact.text === null) fact.text = cards[at].textContent.toLowerCase();
      return fact.text.includes(asked);
    },
  };

  function filter() {
    let count = 0;
    const left = { v: {}, k: {}, p: {}, c: {} };  // how many a choice would leave, the other choices standing
    const inGroup = {};
    facts.forEach((fact, at) => {
      const failed = Object.keys(tests).filter((name) => !tests[name](fact, at));
      cards[at].hidden = failed.length > 0;
      if (!failed.length) { count += 1; inGroup[fact.v] = (inGroup[fact.v] || 0) + 1; }
      Object.keys(left).forEach((name) => {
        if (failed.length && (failed.length > 1 || failed[0] !== name)) return;
        left[name][fact[name]] = (left[name][fact[name]] || 0) + 1;
      });
    });
    const filtered = verdicts.size > 0 || Object.values(fields).some((field) => field.value.trim());
    groups.forEach((group) => {
      group.hidden = !inGroup[group.dataset.v];
      group.querySelector(".count").textContent = inGroup[group.dataset.v] || 0;
      if (group.tagName === "DETAILS" && filtered) group.open = true;
    });
    tiles.forEach((tile) => {
      tile.setAttribute("aria-pressed", String(verdicts.has(tile.dataset.v)));
      tile.querySelector("b").textContent = left.v[tile.dataset.v] || 0;
    });
    [["k", kind], ["p", product]].forEach(([name, field]) => all("option", field).forEach((option) => {
      const has = left[name][option.value] || 0;
      if (option.value) { option.textContent = `${option.dataset.name} (${has})`; option.disabled = !has && option.value !== field.value; }
    }));
    all("option", sure).forEach((option) => {
      if (!option.value) return;
      const has = Object.keys(left.c).reduce((sum, value) => sum + (within(Number(value), option.value) ? left.c[value] : 0), 0);
      option.textContent = `${option.dataset.name} (${has})`;
      option.disabled = !has && option.value !== sure.value;
    });
    Object.values(fields).forEach((field) => field.classList.toggle("on", Boolean(field.value.trim())));
    shown.textContent = filtered ? shown.dataset.text.replace("%1", count).replace("%2", cards.length) : "";
    one("#all").hidden = !filtered;
    one("#nothing").hidden = count > 0 || !cards.length;
  }

  function remember() {
    const chosen = new URLSearchParams();
    if (verdicts.size) chosen.set("v", [...verdicts].join(","));
    Object.entries(fields).forEach(([name, field]) => { if (field.value.trim()) chosen.set(name, field.value.trim()); });
    history.replaceState(null, "", chosen.size ? `#${chosen}` : location.pathname + location.search);
  }

  function recall(hash) {
    const chosen = new URLSearchParams(hash.slice(1));
    if (!["v", ...Object.keys(fields)].some((name) => chosen.has(name))) return;
    verdicts.clear();
    (chosen.get("v") || "").split(",").filter((verdict) => tiles.some((tile) => tile.dataset.v === verdict)).forEach((verdict) => verdicts.add(verdict));
    Object.entries(fields).forEach(([name, field]) => {
      const value = chosen.get(name) || "";
      field.value = field === words || all("option", field).some((option) => option.value === value) ? value : "";
    });
    filter();
  }

  function clear() {
    verdicts.clear();
    Object.values(fields).forEach((field) => { field.value = ""; });
    filter();
  }

  tiles.forEach((tile) => tile.addEventListener("click", () => {
    if (!verdicts.delete(tile.dataset.v)) verdicts.add(tile.dataset.v);
    filter(); remember();
  }));
  Object.values(fields).forEach((field) => field.addEventListener("input", () => { filter(); remember(); }));
  one("#all").addEventListener("click", () => { clear(); remember(); });

  // ---- links: #t=12.3 is a second of the recording, #f-... a finding
  function show(card) {
    if (card.hidden) clear();
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
    const chart = event.target.closest(".timeline .wide, .timeline .narrow");
    if (chart) { const ms = timeAt(chart, event.clientX); if (ms !== null) seek(ms); return; }
    const still = event.target.closest(".still");
    if (still) { still.classList.toggle("large"); return; }
    const line = event.target.closest(".chunk p");
    if (line && !String(window.getSelection())) seek(1000 * line.querySelector(".at").hash.slice(3));
  });

  all(".timeline a > [aria-label]").forEach((shape) => {  // what a mark says, when the mouse rests on it
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.textContent = shape.getAttribute("aria-label");
    shape.append(title);
  });

  // ---- the time line: a click anywhere on it goes there, a line shows where the player is
  const end = parts[parts.length - 1].end;
  const charts = all(".timeline [data-width]");

  function span(chart) {  // [left, width] of the plot in px as it is drawn now
    const scale = chart.getBoundingClientRect().width / chart.dataset.width;
    return [chart.dataset.left * scale, (chart.dataset.width - chart.dataset.left - chart.dataset.right) * scale];
  }

  function timeAt(chart, x) {
    const [left, width] = span(chart);
    const share = (x - chart.getBoundingClientRect().left - left) / width;
    return share < 0 || share > 1 ? null : lead + Math.round(share * end);
  }

  media.addEventListener("timeupdate", () => charts.forEach((chart) => {
    const [left, width] = span(chart);
    if (!width) return;
    const head = chart.querySelector(".head");
    head.hidden = false;
    head.style.left = `${left + (width * (parts[loaded].start + media.currentTime * 1000)) / end}px`;
  }));

  let opened = [];
  window.addEventListener("beforeprint", () => {  // paper has no folds
    opened = all("details:not([open])");
    opened.forEach((fold) => { fold.open = true; });
  });
  window.addEventListener("afterprint", () => opened.forEach((fold) => { fold.open = false; }));

  window.addEventListener("hashchange", () => { if (!follow(location.hash, false)) recall(location.hash); });
  load(0);
  filter();
  if (!follow(location.hash, false)) recall(location.hash);
})();
