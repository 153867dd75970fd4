// Decisions: shown at once, sent, and taken back on the screen if the server does not take them.

import { post, Refused, Unreachable } from "./api.js";
import { draftKey, drop } from "./drafts.js";
import { calm, tell, warn } from "./notice.js";
import { choose, insert, moved, nextOpen, recount, remove } from "./queue.js";
import { emit, find, key, products, state } from "./state.js";
import { deed, t } from "./words.js";

const ADVANCES = new Set(["accept", "dismiss"]);
const REMEMBERED = 200;

// what I decided, newest last: a reload does not forget it
const mine = JSON.parse(sessionStorage.getItem("streamlens-mine") ?? "[]");

const store = () => sessionStorage.setItem("streamlens-mine", JSON.stringify(mine.slice(-REMEMBERED)));

function remember(item) {
  mine.push([item.stream, item.finding]);
  store();
}

function forget() {
  mine.pop();
  store();
}

/** Decides on an item. `fields` are reason, quote, verdict or product. Resolves when the server has answered. */
export async function decide(item, action, fields = {}) {
  await item.waiting; // one decision on a finding after the other
  item.waiting = send(item, action, fields);
  return item.waiting;
}

async function send(item, action, fields) {
  const { state: stood, standing, standings, verdict, product, product_name, quote } = item;
  const before = { state: stood, standing, standings, verdict, product, product_name, quote };
  const own = action !== "dismiss" && item.standing?.by === state.me ? item.standing : {}; // what was changed before stays
  const stands = { ...own, action, ...fields, by: state.me };
  const after = item.state === "disputed" ? "disputed" : "decided";
  const judged = { ...fields };
  delete judged.reason;
  if ("product" in judged) judged.product_name = productNames(item).get(judged.product) ?? "";
  const answered = post("/api/decisions", { // on its way before anything is drawn
    stream: item.stream, finding: item.finding, action, ...fields, seen: item.newest ?? 0,
  });
  answered.catch(() => {}); // what fails is told below
  change(item, { ...judged, standing: stands, state: after, sync: "pending", pending: true, conflict: null });
  moved(before.state, after);
  if (ADVANCES.has(action)) nextOpen();
  try {
    const answer = await answered;
    const shown = item.state;
    drop(draftKey(action, item));
    change(item, { ...answer.item, sync: "saved", pending: false });
    moved(shown, item.state);
    remember(item);
    calm();
    tell(t("review.saved", { what: deed(stands, productNames(item)), quote }));
    emit("decided", item);
    return true;
  } catch (error) {
    const shown = item.state;
    change(item, { ...before, sync: "failed", pending: false });
    moved(shown, item.state);
    refuse(item, action, error);
    return false;
  }
}

const productNames = (item) => new Map([[item.product, item.product_name], ...products()]);

function change(item, values) {
  Object.assign(item, values);
  emit("item", item);
}

function refuse(item, action, error) {
  if (error instanceof Refused && error.status === 409 && error.body?.item) {
    const shown = item.state;
    change(item, { ...error.body.item, conflict: { action, error: error.message } });
    moved(shown, item.state);
    warn(t("review.conflict", { quote: item.quote }));
    recount().catch(() => {});
  } else {
    warn(failure(error));
  }
  choose(find(key(item)), false);
  emit("decided", item);
}

const failure = (error) =>
  error instanceof Unreachable ? t("review.not_saved_away") : t("review.not_saved", { error: error.message });

/** Takes back the newest decision of mine, of this session first, else on the selected finding. */
export async function undo(item) {
  const last = mine.at(-1) ?? (item && [item.stream, item.finding]);
  if (!last) return tell(t("review.nothing_to_undo"));
  const [stream, finding] = last;
  const known = state.items[find(key({ stream, finding }))];
  await known?.waiting;
  try {
    const answer = await post("/api/decisions", { stream, finding, action: "undo", seen: known?.newest ?? 0 });
    forget();
    calm();
    settle(answer.item, known);
    tell(t("review.undone", { quote: answer.item.quote }));
  } catch (error) {
    if (error instanceof Refused) forget(); // it was taken back elsewhere: the one before is next
    warn(failure(error));
  }
}

function settle(item, known) {
  const shown = known?.state;
  if (item.state === "removed") {
    if (known) remove(known);
  } else if (known) {
    change(known, { ...item, sync: "saved" });
    choose(state.items.indexOf(known), false);
  } else {
    insert({ ...item, sync: "saved" });
    choose(find(key(item)), false);
  }
  if (shown && item.state !== "removed") moved(shown, item.state);
  else recount().catch(() => {});
}

/** A claim that the audit missed. Resolves to whether it is saved; the draft stays until it is. */
export async function addMissed(claim) {
  try {
    const answer = await post("/api/missed", claim);
    insert({ ...answer.item, sync: "saved" });
    remember(answer.item);
    drop(draftKey("missed", { stream: claim.stream }));
    calm();
    choose(find(key(answer.item)), false);
    tell(t("review.missed_saved", { quote: claim.quote }));
    recount().catch(() => {});
    emit("decided", answer.item);
    return true;
  } catch (error) {
    warn(failure(error));
    return false;
  }
}
