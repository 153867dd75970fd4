// The queue: only the rows in view exist, so that a thousand findings are as light as ten.

import { get } from "./api.js";
import { el, one } from "./dom.js";
import { emit, find, key, on, selected, state } from "./state.js";
import { clock, GLYPHS, name, t, VERDICTS, values } from "./words.js";

const ROW_PX = 62; // as in review.css
const SPARE = 6; // rows above and below the view
const FIRST = 100;
const ALL = 10000;
const STATES = ["open", "disputed", "moved", "decided", "all"];

const queue = one("#queue");
const rows = one("#rows");
const form = one("#filters");
const empty = one("#empty");
let asked = 0; // tells the answers to older questions apart

// ---- loading

/** Reads the queue under the current filters; `wanted` (a key) is selected if it is there. */
export async function load(wanted = "") {
  const mine = (asked += 1);
  const first = await get(`/api/queue?${question(FIRST)}`);
  if (mine !== asked) return;
  const more = first.total > first.items.length;
  const there = !wanted || !more || first.items.some((item) => key(item) === wanted);
  if (there) show(first, wanted);
  if (!more) return;
  const all = await get(`/api/queue?${question(ALL)}`);
  if (mine === asked) show(all, there && selected() ? key(selected()) : wanted, there);
}

/** Only the counts, for when somebody else has decided. */
export async function recount() {
  const mine = asked;
  const answer = await get(`/api/queue?${question(1)}`);
  if (mine === asked) setCounts(answer.counts);
}

function question(limit) {
  const set = Object.entries(state.filters).filter(([, value]) => value);
  return new URLSearchParams([...set, ["offset", "0"], ["limit", String(limit)]]);
}

function show(answer, wanted, quietly = false) {
  const kept = new Map(state.items.map((item) => [key(item), item]));
  state.items = answer.items.map((item) => {
    const old = kept.get(key(item));
    return old?.pending ? old : old ? Object.assign(old, item) : item; // the same object stays selected
  });
  setCounts(answer.counts);
  learnProducts(answer.items);
  const at = wanted ? find(wanted) : -1;
  const chosen = at >= 0 ? at : Math.min(0, state.items.length - 1);
  const same = quietly && at >= 0;
  state.at = chosen;
  emit("items");
  if (!same) emit("select", { item: selected(), play: false });
  bring();
}

function setCounts(counts) {
  Object.assign(state.counts, counts);
  drawStates();
}

/** Moves an item from one count to another, before the server has said so. */
export function moved(before, after) {
  if (before === after) return;
  if (before in state.counts) state.counts[before] -= 1;
  if (after in state.counts) state.counts[after] += 1;
  drawStates();
}

// ---- filters

const productNames = new Map();

function learnProducts(items) {
  const size = productNames.size;
  for (const item of items) if (item.product) productNames.set(item.product, item.product_name || item.product);
  if (size !== productNames.size) fill("product", [...productNames]);
}

function fill(field, options) {
  const select = form.elements[field];
  select.replaceChildren(select.options[0], ...options.map(([value, label]) => el("option", { value }, label)));
  select.value = state.filters[field];
}

export function fillFilters() {
  fill("verdict", VERDICTS.map((verdict) => [verdict, name("verdict", verdict)]));
  fill("kind", values("kind").map((kind) => [kind, name("kind", kind)]));
  fill("stream", state.streams.map((stream) => [stream.id, stream.title || stream.id]));
  form.elements.stream.hidden = state.streams.length < 2;
  form.elements.q.value = state.filters.q;
  productNames.set(state.filters.product, state.filters.product);
  productNames.delete("");
  fill("product", [...productNames]);
}

function drawStates() {
  const total = Object.values(state.counts).reduce((sum, count) => sum + count, 0);
  one("#states").replaceChildren(
    ...STATES.map((each) => el("button", {
      type: "button",
      "data-state": each,
      "aria-pressed": String(state.filters.state === each),
      onclick: () => filter({ state: each }),
    }, t(`review.state_${each}`), " ", el("b", {}, String(each === "all" ? total : state.counts[each] ?? 0)))),
  );
  const done = state.counts.decided ?? 0;
  one("#progress").textContent = t("review.progress", { done, total });
}

export function filter(change) {
  Object.assign(state.filters, change);
  load().catch(() => {});
}

one("#narrow").addEventListener("click", () => {
  const open = form.classList.toggle("open");
  one("#narrow").setAttribute("aria-expanded", String(open));
});

let typing = 0;
form.addEventListener("submit", (event) => { event.preventDefault(); queue.focus(); });
form.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => filter(Object.fromEntries(new FormData(form))), 180);
});

// ---- rows

function draw() {
  rows.style.height = `${state.items.length * ROW_PX}px`;
  const from = Math.max(0, Math.floor(queue.scrollTop / ROW_PX) - SPARE);
  const to = Math.min(state.items.length, Math.ceil((queue.scrollTop + queue.clientHeight) / ROW_PX) + SPARE);
  rows.replaceChildren(...Array.from({ length: to - from }, (_, n) => row(from + n)));
  empty.hidden = state.items.length > 0;
  empty.textContent = t(state.filters.state === "open" && !narrowed() ? "review.all_done" : "review.nothing");
  if (state.at >= 0) queue.setAttribute("aria-activedescendant", `row-${state.at}`);
  else queue.removeAttribute("aria-activedescendant");
}

const narrowed = () => Object.entries(state.filters).some(([field, value]) => field !== "state" && value);

/** ✓ accepted, ✕ dismissed, ✎ changed, ⚑ reviewers differ. */
export function mark(item) {
  if (item.sync === "pending") return "◌";
  if (item.state === "disputed") return "⚑";
  if (item.state === "moved") return "↷";
  const action = item.standing?.action;
  if (!action) return "";
  return { accept: "✓", dismiss: "✕" }[action] ?? "✎";
}

function row(at) {
  const item = state.items[at];
  const element = el("div", {
    id: `row-${at}`,
    class: `row ${item.verdict} ${item.state}`,
    role: "option",
    "aria-selected": String(at === state.at),
    "aria-posinset": at + 1,
    "aria-setsize": state.items.length,
    "data-finding": item.finding,
    "data-state": item.state,
    "data-sync": item.sync ?? "",
    onclick: () => { choose(at); },
  },
    el("span", { class: "what" },
      el("i", { "aria-hidden": "true" }, GLYPHS[item.verdict] ?? ""),
      el("b", {}, name("verdict", item.verdict)),
      " ", item.kind_label || name("kind", item.kind)),
    el("span", { class: "side" },
      item.severity === "high" && el("em", { title: t("review.severity", { severity: name("severity", item.severity) }) }, name("severity", item.severity)),
      el("span", { class: "mark" }, mark(item))),
    el("q", {}, item.quote),
    el("span", { class: "time" }, clock(item.start_ms)),
  );
  element.style.top = `${at * ROW_PX}px`;
  return element;
}

/** Scrolls so that the selected row is seen, with a row to spare. */
function bring() {
  const top = state.at * ROW_PX;
  if (top < queue.scrollTop + ROW_PX) queue.scrollTop = Math.max(0, top - ROW_PX);
  else if (top + 2 * ROW_PX > queue.scrollTop + queue.clientHeight) queue.scrollTop = top + 2 * ROW_PX - queue.clientHeight;
  draw();
}

let drawing = 0;
function drawSoon() {
  cancelAnimationFrame(drawing);
  drawing = requestAnimationFrame(draw);
}

queue.addEventListener("scroll", drawSoon, { passive: true });
new ResizeObserver(drawSoon).observe(queue);
on("items", draw);
on("item", draw);

// ---- moving about

export function choose(at, play = true) {
  if (at < 0 || at >= state.items.length) return;
  state.at = at;
  bring();
  emit("select", { item: selected(), play });
}

export const step = (by) => choose(Math.max(0, Math.min(state.items.length - 1, state.at + by)));

/** On to the next that waits for me: behind the selected one, else from the top; else just the next. */
export function nextOpen() {
  const first = ["open", "all"].includes(state.filters.state);
  const mine = (item) => item.standings?.some((each) => each.by === state.me && !each.stale);
  const waits = (item, at) => at !== state.at && (first ? ["open", "moved"].includes(item.state) : !mine(item));
  const behind = state.items.findIndex((item, at) => at > state.at && waits(item, at));
  const next = behind >= 0 ? behind : state.items.findIndex(waits);
  if (next >= 0) choose(next);
  else step(1);
}

/** A finding that the list lacks (undone after a reload, or added) gets a place behind the selected one. */
export function insert(item) {
  state.items.splice(state.at + 1, 0, item);
  emit("items");
}

export function remove(item) {
  const at = state.items.indexOf(item);
  if (at < 0) return;
  state.items.splice(at, 1);
  if (state.at > at || state.at >= state.items.length) state.at -= 1;
  emit("items");
  emit("select", { item: selected(), play: false });
}
