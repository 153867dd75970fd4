// The player: the parts of a recording as one time line, a finding's moment with a little lead-in, again and again.

import { one } from "./dom.js";
import { emit, on, state } from "./state.js";
import { clock, t } from "./words.js";

const LEAD_MS = 1500; // so that the claim is not cut into
const TAIL_MS = 800;

const media = one("#media");
const loop = one("#loop");
const auto = one("#auto");
const play = one("#play");
let parts = [];
let loaded = -1;
let wanted = null; // seconds, once the part can be sought in
let moment = null; // {from, to} that is being played

const partAt = (ms) => parts.reduce((found, part, at) => (part.start_ms <= ms ? at : found), 0);

export const duration = () => state.stream?.duration_ms ?? 0;
export const now = () => (loaded < 0 ? 0 : parts[loaded].start_ms + 1000 * (wanted ?? media.currentTime));

function load(at) {
  loaded = at;
  one("#missing").hidden = true;
  media.src = parts[at].url;
  media.playbackRate = Number(one("#speed").value);
  one("#stage").classList.toggle("sound", parts[at].kind === "audio");
}

function start() {
  media.playbackRate = Number(one("#speed").value);
  media.play()?.catch(() => {}); // before the first key or click browsers refuse; what cannot be loaded tells itself
}

/** To a moment of the recording (ms); plays on if it played, or if told to. */
export function seek(ms, go = !media.paused) {
  if (!parts.length) return;
  const to = Math.max(0, Math.min(ms, duration()));
  const at = partAt(to);
  if (at !== loaded || media.error) load(at);
  const seconds = Math.min(to - parts[at].start_ms, parts[at].end_ms - parts[at].start_ms) / 1000;
  if (media.readyState >= 1) media.currentTime = seconds;
  else wanted = seconds;
  if (go) start();
  emit("time", to);
}

/** A finding's moment, with a little before and after; then it stops, or begins again where the loop is on. */
export function playMoment(item, go = true) {
  if (!item) return;
  moment = { from: Math.max(0, item.start_ms - LEAD_MS), to: item.end_ms + TAIL_MS };
  seek(moment.from, go);
}

export function toggle() {
  if (media.paused) start();
  else media.pause();
}

export function nudge(by) {
  moment = null;
  seek(now() + by);
}

/** To where the person pointed: nothing stops it there. */
export function jump(ms) {
  moment = null;
  seek(ms, true);
}

function tick() {
  const ms = now();
  one("#clock").textContent = `${clock(ms)} / ${clock(duration())}`;
  emit("time", ms);
  if (moment && ms >= moment.to && !media.paused) {
    if (loop.checked) return seek(moment.from, true);
    moment = null;
    media.pause();
  }
  return undefined;
}

function follow() {
  tick();
  if (!media.paused) requestAnimationFrame(follow);
}

media.addEventListener("loadedmetadata", () => {
  if (wanted === null) return;
  media.currentTime = wanted;
  wanted = null;
});
media.addEventListener("playing", () => requestAnimationFrame(follow));
media.addEventListener("timeupdate", tick);
media.addEventListener("seeked", tick);
for (const event of ["play", "pause"]) {
  media.addEventListener(event, () => { play.textContent = t(media.paused ? "review.play" : "review.pause"); });
}
media.addEventListener("ended", () => {
  if (loaded + 1 >= parts.length) return;
  load(loaded + 1);
  start();
});
media.addEventListener("error", () => {
  one("#missing").hidden = !media.error;
  one("#stage").classList.toggle("sound", Boolean(media.error));
});
media.addEventListener("click", toggle);

one("#speed").addEventListener("change", () => { media.playbackRate = Number(one("#speed").value); });
auto.checked = localStorage.getItem("streamlens-auto") !== "off";
loop.checked = localStorage.getItem("streamlens-loop") === "on";
auto.addEventListener("change", () => localStorage.setItem("streamlens-auto", auto.checked ? "on" : "off"));
loop.addEventListener("change", () => localStorage.setItem("streamlens-loop", loop.checked ? "on" : "off"));
export function toggleLoop() { loop.click(); }

on("stream", () => {
  media.pause();
  parts = state.stream?.parts ?? [];
  loaded = -1;
  wanted = null;
  moment = null;
  if (parts.length) load(0);
  else one("#missing").hidden = !state.stream;
});

/** A finding was selected: its moment, playing where the person wants that. */
export const present = (item, go) => playMoment(item, go && auto.checked);
