// What is said: follows the player, marks the finding's words, gives the stretch that a person has selected.

import { el, marked, one } from "./dom.js";
import { jump, now } from "./player.js";
import { on, selected, state } from "./state.js";
import { clock, t } from "./words.js";

const CHUNK = 40; // the browser lays out only the chunks in view
const PATIENCE_MS = 4000; // after a person scrolls, following waits
const GUESS_MS = 5000; // of a missed claim where nothing is selected

const box = one("#transcript");
let lines = []; // one element for each utterance
let current = -1;
let touched = 0;
let told = []; // lines with the finding's words

const utterances = () => state.stream?.utterances ?? [];

function draw() {
  current = -1;
  told = [];
  let speaker = null;
  lines = utterances().map((utterance, at) => {
    const changed = utterance.speaker && utterance.speaker !== speaker;
    speaker = utterance.speaker;
    return el("p", { "data-at": at },
      el("span", { class: "at" }, clock(utterance.start_ms)),
      changed && el("span", { class: "speaker" }, t("review.speaker", { speaker })),
      el("span", { class: "said" }, utterance.text));
  });
  const chunks = [];
  for (let at = 0; at < lines.length; at += CHUNK) chunks.push(el("div", { class: "chunk" }, lines.slice(at, at + CHUNK)));
  box.replaceChildren(...(chunks.length ? chunks : [el("p", { class: "soft" }, t("review.no_transcript"))]));
  highlight();
}

/** The utterances that the finding lies in: by time; those near it that hold its words only where none of those does. */
function touches(item) {
  const all = [...utterances().keys()];
  const within = all.filter((at) => utterances()[at].start_ms < item.end_ms && utterances()[at].end_ms > item.start_ms);
  const exact = within.filter((at) => holds(utterances()[at], item));
  if (exact.length) return exact;
  const near = new Set(state.detail?.finding === item.finding ? state.detail.context ?? [] : []);
  const elsewhere = all.filter((at) => near.has(utterances()[at].id) && holds(utterances()[at], item));
  return elsewhere.length ? elsewhere : within;
}

const words = (item) => [state.detail?.finding === item.finding ? state.detail.heard : "", item.audit?.quote, item.quote];
const holds = (utterance, item) => words(item).some((part) => part && utterance.text.includes(part));

function highlight() {
  for (const at of told) {
    lines[at].classList.remove("told");
    one(".said", lines[at]).replaceChildren(utterances()[at].text);
  }
  const item = selected();
  told = item && item.stream === state.stream?.id ? touches(item) : [];
  for (const at of told) {
    lines[at].classList.add("told");
    one(".said", lines[at]).replaceChildren(...marked(utterances()[at].text, words(item)));
  }
}

function bring(line) {
  if (!line || Date.now() - touched < PATIENCE_MS) return;
  const [view, own] = [box.getBoundingClientRect(), line.getBoundingClientRect()];
  const above = own.top - view.top;
  if (above > box.clientHeight * 0.15 && above < box.clientHeight * 0.6) return;
  box.scrollTop += above - box.clientHeight * 0.3;
}

on("time", (ms) => {
  const all = utterances();
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle].start_ms <= ms) low = middle + 1;
    else high = middle;
  }
  if (low - 1 === current) return;
  lines[current]?.classList.remove("current");
  current = low - 1;
  lines[current]?.classList.add("current");
  bring(lines[current]);
});
on("stream", draw);
on("select", () => { touched = 0; highlight(); requestAnimationFrame(() => bring(lines[told[0]])); });
on("detail", highlight);
for (const event of ["wheel", "touchmove", "pointerdown"]) {
  box.addEventListener(event, () => { touched = Date.now(); }, { passive: true });
}
box.addEventListener("click", (event) => {
  const line = event.target.closest("p[data-at]");
  if (line && getSelection().isCollapsed) jump(utterances()[line.dataset.at].start_ms);
});

/** {start_ms, end_ms, quote} of the selected words, else of the time that is being played. */
export function stretch() {
  const selection = getSelection();
  const range = selection.rangeCount ? selection.getRangeAt(0) : null;
  const chosen = range && !selection.isCollapsed ? lines.filter((line) => range.intersectsNode(one(".said", line))) : [];
  if (!chosen.length) {
    const start_ms = Math.max(0, Math.round(now()));
    const said = utterances()[current];
    return { start_ms: said ? said.start_ms : start_ms, end_ms: said ? said.end_ms : start_ms + GUESS_MS, quote: said?.text ?? "" };
  }
  const first = utterances()[chosen[0].dataset.at];
  const last = utterances()[chosen.at(-1).dataset.at];
  const quote = chosen.map((line) => part(range, one(".said", line))).join("");
  const begins = offset(range.startContainer, range.startOffset, one(".said", chosen[0]), 0);
  const ends = offset(range.endContainer, range.endOffset, one(".said", chosen.at(-1)), last.text.length);
  return { start_ms: at(first, begins), end_ms: Math.max(at(first, begins) + 1, at(last, ends)), quote };
}

/** Where a character of an utterance is said, were all of one length. */
const at = (utterance, character) =>
  Math.round(utterance.start_ms + (utterance.end_ms - utterance.start_ms) * (character / Math.max(1, utterance.text.length)));

function offset(container, place, said, otherwise) {
  if (!said.contains(container)) return otherwise;
  const before = document.createRange();
  before.selectNodeContents(said);
  before.setEnd(container, place);
  return before.toString().length;
}

function part(range, said) {
  const from = offset(range.startContainer, range.startOffset, said, 0);
  const to = offset(range.endContainer, range.endOffset, said, said.textContent.length);
  return said.textContent.slice(from, to);
}
