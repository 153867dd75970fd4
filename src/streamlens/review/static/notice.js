// One line at the top: what just happened; and one that stays: the server is away, or something was not saved.

import { one } from "./dom.js";
import { on } from "./state.js";
import { t } from "./words.js";

const notice = one("#notice");
const alarm = one("#alarm");
let timer = 0;
let away = false;
let trouble = "";

export function tell(text) {
  notice.textContent = text;
  clearTimeout(timer);
  timer = setTimeout(() => { notice.textContent = ""; }, 6000);
}

/** Something was not saved: stays until the next thing is. */
export function warn(text) {
  trouble = text;
  show();
}

export const calm = () => warn("");

function show() {
  const text = [away && t("review.away"), trouble].filter(Boolean).join(" ");
  alarm.hidden = !text;
  if (alarm.textContent !== text) alarm.textContent = text;
}

on("online", (online) => {
  if (away === !online) return;
  away = !online;
  show();
  if (online) tell(t("review.back_again"));
});
