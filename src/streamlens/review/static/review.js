// The review page: what it loads, what each key does, and what others decided meanwhile.

import { get, path, post } from "./api.js";
import { addMissed, decide, undo } from "./decide.js";
import { askMissed, askName, askProduct, askReason, askVerdict, askWords, showHelp } from "./dialogs.js";
import { one } from "./dom.js";
import "./finding.js";
import { listen } from "./keys.js";
import { tell, warn } from "./notice.js";
import { nudge, playMoment, present, toggle, toggleLoop } from "./player.js";
import { fillFilters, load, recount, remove, step } from "./queue.js";
import { emit, find, key, on, products, selected, state } from "./state.js";
import { stretch } from "./transcript.js";
import { deed, t } from "./words.js";
import "./waveform.js";

const POLL_MS = 2000;
const SETTLE_MS = 120; // of hurrying through the queue only where one stays is loaded

// ---- the selected finding: its details, its recording

let settling = 0;
on("select", ({ item, play }) => {
  state.detail = null;
  clearTimeout(settling);
  keepPlace();
  if (!item) return;
  const go = () => Promise.all([loadStream(item).then(() => { if (item === selected()) present(item, play); }), loadDetail(item)]).catch(told);
  if (state.stream?.id === item.stream) settling = setTimeout(go, play ? SETTLE_MS : 0);
  else settling = setTimeout(go, SETTLE_MS);
});

async function loadDetail(item) {
  const detail = await get(path("api", "findings", item.stream, item.finding));
  if (item !== selected()) return;
  state.detail = detail;
  emit("detail", detail);
}

let loading = "";
async function loadStream(item) {
  if (state.stream?.id === item.stream || loading === item.stream) return;
  loading = item.stream;
  try {
    const stream = await get(path("api", "streams", item.stream));
    if (loading !== item.stream) return;
    state.stream = { ...stream, id: item.stream };
    emit("stream");
  } finally {
    loading = "";
  }
}

const told = (error) => warn(t("review.not_loaded", { error: error.message }));

on("decided", (item) => { if (item === selected()) loadDetail(item).catch(told); });

// ---- actions

const withItem = (act) => () => { const item = selected(); if (item) act(item); else tell(t("review.choose")); };

const actions = {
  accept: withItem((item) => decide(item, "accept")),
  dismiss: withItem((item) => askReason(item, (fields) => decide(item, "dismiss", fields))),
  correct: withItem((item) => askWords(item, state.detail?.heard, (fields) => decide(item, "correct", fields))),
  verdict: withItem((item) => askVerdict(item, (fields) => decide(item, "verdict", fields))),
  product: withItem((item) => askProduct(item, (fields) => decide(item, "product", fields))),
  missed: () => {
    if (!state.stream) return tell(t("review.choose"));
    const chosen = stretch();
    const segment = (state.stream.segments ?? []).find((each) => each.start_ms <= chosen.start_ms && chosen.start_ms < each.end_ms);
    return askMissed({ ...chosen, product: segment?.product }, selected(), addMissed);
  },
  undo: () => undo(selected()),
};

const KEYS = [
  [["j", "ArrowDown"], "j ↓", "review.key_next", () => step(1), true],
  [["k", "ArrowUp"], "k ↑", "review.key_previous", () => step(-1), true],
  [[" "], "Space", "review.key_play", toggle],
  [["r"], "r", "review.key_again", () => playMoment(selected())],
  [["l"], "l", "review.key_loop", toggleLoop],
  [["["], "[", "review.back", () => nudge(-2000), true],
  [["]"], "]", "review.forward", () => nudge(2000), true],
  [["Enter"], "⏎", "review.key_accept", actions.accept],
  [["x"], "x", "review.key_dismiss", actions.dismiss],
  [["c"], "c", "review.key_correct", actions.correct],
  [["v"], "v", "review.key_verdict", actions.verdict],
  [["p"], "p", "review.key_product", actions.product],
  [["m"], "m", "review.key_missed", actions.missed],
  [["u"], "u", "review.key_undo", actions.undo],
  [["/"], "/", "review.key_search", () => one("#search").focus()],
  [["?", "？"], "?", "review.help", help],
];

function help() {
  showHelp(KEYS.map(([, shown, code]) => [shown, code]));
}

listen(KEYS);

/** A button that was clicked gives the keyboard back: Space plays, it does not press the button again. */
function press(element, act) {
  element.addEventListener("click", (event) => {
    if (event.detail > 0) element.blur();
    act();
  });
}

for (const button of document.querySelectorAll("#actions [data-do]")) press(button, () => actions[button.dataset.do]());
press(one("#play"), toggle);
press(one("#back"), () => nudge(-2000));
press(one("#forward"), () => nudge(2000));
press(one("#again"), () => playMoment(selected()));
press(one("#help"), help);
press(one("#who"), () => askName(state.me, rename));
on("closed", () => { if (document.activeElement === document.body) one("#queue").focus({ preventScroll: true }); });

// ---- who is at work

async function rename(given) {
  try {
    await post("/api/me", { name: given });
    state.me = given;
    one("#who").textContent = t("review.who", { name: given });
  } catch (error) {
    warn(t("review.not_saved", { error: error.message }));
    if (!state.me) askName("", rename);
  }
}

// ---- what others decide meanwhile

async function poll() {
  try {
    const { last, items } = await get(`/api/changes?after=${state.last}`);
    state.last = Math.max(state.last, last);
    items.forEach(take);
    if (items.length) recount().catch(() => {});
  } catch {
    // api.js has said so; the next round asks again
  } finally {
    setTimeout(poll, document.hidden ? 5 * POLL_MS : POLL_MS);
  }
}

function take(item) {
  const known = state.items[find(key(item))];
  if (known?.pending || (known && (item.newest ?? 0) < (known.newest ?? 0))) return;
  const news = item.newest !== known?.newest;
  if (known && item.state === "removed") remove(known);
  else if (known && news) {
    Object.assign(known, item);
    emit("item", known);
    if (known === selected()) loadDetail(known).catch(told);
  }
  const latest = [...(item.standings ?? []), item.standing].filter((each) => each && each.by !== state.me)
    .sort((a, b) => a.decision - b.decision).at(-1);
  if (news && latest && latest.decision === item.newest) {
    tell(t("review.says", { by: latest.by, what: `${deed(latest, products())} ${t("review.quoted", { quote: item.quote })}` }));
  }
}

// ---- the place in the queue is in the address: a reload comes back to it

function keepPlace() {
  const item = selected();
  const set = Object.entries(state.filters).filter(([field, value]) => value && !(field === "state" && value === "open"));
  const place = new URLSearchParams([...set, ...(item ? [["at", key(item).replace("\n", "/")]] : [])]);
  history.replaceState(null, "", `#${place}`);
}

function readPlace() {
  const place = new URLSearchParams(location.hash.slice(1));
  for (const field of Object.keys(state.filters)) if (place.has(field)) state.filters[field] = place.get(field);
  return (place.get("at") ?? "").replace("/", "\n");
}

async function begin() {
  const wanted = readPlace();
  try {
    const [me, streams] = await Promise.all([get("/api/me"), get("/api/streams"), load(wanted)]);
    state.me = me.reviewer ?? "";
    state.last = me.last ?? 0;
    state.streams = streams;
    fillFilters();
    one("#who").textContent = state.me ? t("review.who", { name: state.me }) : "";
    if (!state.me) askName("", rename);
    else one("#queue").focus({ preventScroll: true });
    document.body.dataset.ready = "true";
    setTimeout(poll, POLL_MS);
  } catch (error) {
    told(error);
    setTimeout(begin, POLL_MS);
  }
}

begin();
