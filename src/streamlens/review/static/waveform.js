// Two drawings of the sound: near (the finding's surroundings) and whole (the recording). A click goes there.

import { get, path } from "./api.js";
import { one } from "./dom.js";
import { duration, jump, nudge } from "./player.js";
import { on, products, selected, state } from "./state.js";
import { clock } from "./words.js";

const NEAR_MS = 24000;

const near = one("#near");
const whole = one("#whole");
let sound = null; // {step_ms, peaks}
let span = [0, NEAR_MS]; // what `near` shows
let time = 0;

const palette = new Map(); // asking the style for each of a thousand marks takes long
function colour(name) {
  if (!palette.has(name)) palette.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
  return palette.get(name);
}

function canvas(of) {
  const element = one("canvas", of);
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [of.clientWidth, of.clientHeight];
  element.width = width * ratio;
  element.height = height * ratio;
  const draw = element.getContext("2d");
  draw.scale(ratio, ratio);
  return { draw, width, height };
}

/** Peaks, segments below, findings above, the selected one shaded. */
function paint(of, [from, to], detailed) {
  const { draw, width, height } = canvas(of);
  if (to <= from || !width) return;
  const x = (ms) => ((ms - from) / (to - from)) * width;
  const band = detailed ? 16 : 5; // with room for the product's name
  const item = selected();
  if (item) {
    draw.fillStyle = colour("mark");
    draw.fillRect(x(item.start_ms), 0, Math.max(3, x(item.end_ms) - x(item.start_ms)), height - band);
  }
  draw.fillStyle = colour("soft");
  const middle = (height - band) / 2;
  for (let px = 0; sound && px < width; px += 2) {
    const first = Math.floor((from + (px / width) * (to - from)) / sound.step_ms);
    const last = Math.max(first + 1, Math.floor((from + ((px + 2) / width) * (to - from)) / sound.step_ms));
    let peak = 0;
    for (let at = first; at < last && at < sound.peaks.length; at += 1) peak = Math.max(peak, sound.peaks[at]);
    const size = Math.max(0.5, (peak / 100) * (middle - 4));
    draw.fillRect(px, middle - size, 1.4, 2 * size);
  }
  const names = products();
  (state.stream?.segments ?? []).forEach((segment, at) => {
    if (segment.end_ms < from || segment.start_ms > to) return;
    draw.fillStyle = colour(at % 2 ? "segment-b" : "segment-a");
    draw.fillRect(x(segment.start_ms), height - band, x(segment.end_ms) - x(segment.start_ms) - 1, band);
    if (!detailed) return;
    draw.fillStyle = colour("ink");
    draw.font = "12px sans-serif";
    draw.fillText(names.get(segment.product) ?? segment.product ?? "", Math.max(4, x(segment.start_ms) + 4), height - 4);
  });
  for (const finding of state.stream?.findings ?? []) {
    if (finding.end_ms < from || finding.start_ms > to) continue;
    draw.fillStyle = colour(finding.verdict);
    draw.globalAlpha = finding.state === "decided" ? 0.35 : 1;
    draw.fillRect(x(finding.start_ms), 0, Math.max(2, x(finding.end_ms) - x(finding.start_ms)), 4);
  }
  draw.globalAlpha = 1;
}

function head(of, [from, to]) {
  const share = to > from ? (time - from) / (to - from) : 0;
  const line = one("i", of);
  line.hidden = share < 0 || share > 1;
  line.style.left = `${100 * share}%`;
}

function paintAll() {
  paint(near, span, true);
  paint(whole, [0, duration()], false);
  head(near, span);
  head(whole, [0, duration()]);
}

function centre(ms) {
  const from = Math.max(0, Math.min(ms - NEAR_MS / 2, Math.max(0, duration() - NEAR_MS)));
  span = [from, from + NEAR_MS];
}

let painting = 0;
function paintSoon() {
  cancelAnimationFrame(painting);
  painting = requestAnimationFrame(paintAll);
}

on("time", (ms) => {
  time = ms;
  if (ms < span[0] || ms > span[1]) {
    centre(ms + NEAR_MS / 3);
    paintSoon();
  }
  head(near, span);
  head(whole, [0, duration()]);
  whole.setAttribute("aria-valuenow", Math.round(ms / 1000));
  whole.setAttribute("aria-valuetext", clock(ms));
});
on("select", () => {
  const item = selected();
  if (item) centre((item.start_ms + item.end_ms) / 2);
  paintSoon();
});
on("item", (item) => {
  const own = state.stream?.id === item.stream && state.stream.findings.find((each) => each.finding === item.finding);
  if (own) own.state = item.state;
  paintSoon();
});
on("stream", async () => {
  sound = null;
  whole.setAttribute("aria-valuemax", Math.round(duration() / 1000));
  if (selected()) centre(selected().start_ms);
  paintSoon();
  const of = state.stream?.id;
  if (!of) return;
  try {
    const answer = await get(path("api", "streams", of, "waveform"));
    if (of === state.stream?.id) sound = answer;
  } catch {
    return; // without a drawing of the sound everything else still works
  }
  paintSoon();
});

for (const [of, shown] of [[near, () => span], [whole, () => [0, duration()]]]) {
  of.addEventListener("click", (event) => {
    const box = of.getBoundingClientRect();
    const [from, to] = shown();
    jump(from + ((event.clientX - box.left) / box.width) * (to - from));
  });
  new ResizeObserver(paintSoon).observe(of);
}
whole.addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -5000, ArrowRight: 5000 }[event.key];
  if (!by) return;
  event.preventDefault();
  event.stopPropagation();
  nudge(by);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  palette.clear();
  paintSoon();
});
