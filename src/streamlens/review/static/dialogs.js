// What an action asks for. Number keys choose, Enter saves, Esc leaves; what was typed stays as a draft.

import { draft, draftKey, keep } from "./drafts.js";
import { el, one } from "./dom.js";
import { emit, products, state } from "./state.js";
import { clock, GLYPHS, name, REASONS, t, values, VERDICTS } from "./words.js";

const dialog = one("#dialog");
let stubborn = false; // a dialog that may not be left without an answer

/** Shows a form; `fields` are elements, `done` gets what was entered. Returns the form. */
function ask(title, fields, done, { key = "", save = true, must = false, leave = "review.cancel" } = {}) {
  stubborn = must;
  const form = el("form", { method: "dialog", class: "ask" },
    el("h2", { id: "asked" }, title),
    fields,
    el("p", { class: "buttons" },
      !must && el("button", { type: "button", class: "plain", onclick: () => dialog.close() }, t(leave), " ", el("kbd", {}, "Esc")),
      save && el("button", { class: "primary" }, t("review.save"), " ", el("kbd", {}, "⏎"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!save) return focusOn(form); // Enter in the note: the answer is still to be chosen
    const entered = Object.fromEntries(new FormData(form));
    dialog.close();
    return done(entered);
  });
  form.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, textarea, select");
    if (event.key === "Enter" && event.target.matches("textarea") && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
    if (!typing && /^[0-9]$/.test(event.key)) {
      const button = one(`[data-number="${event.key}"]`, form);
      if (button) { event.preventDefault(); button.click(); }
    }
  });
  dialog.replaceChildren(form);
  if (key) keep(form, key);
  dialog.showModal();
  return form;
}

dialog.addEventListener("cancel", (event) => { if (stubborn) event.preventDefault(); });
dialog.addEventListener("close", () => emit("closed"));
export const isOpen = () => dialog.open;

/** Numbered answers, of which one ends the dialog. */
function choices(list, done) {
  return el("ol", { class: "choices" }, list.map(([value, ...label], at) => el("li", {},
    el("button", {
      type: "button",
      "data-value": value,
      "data-number": at < 10 ? String((at + 1) % 10) : null,
      onclick: (event) => { const entered = Object.fromEntries(new FormData(event.target.closest("form"))); dialog.close(); done(value, entered); },
    }, el("kbd", {}, at < 10 ? String((at + 1) % 10) : "·"), " ", label))));
}

/** The answer that holds now is where Enter does no harm. */
function focusOn(form, value = "") {
  const buttons = Array.from(form.querySelectorAll("button[data-value]"));
  (buttons.find((button) => button.dataset.value === value) ?? buttons[0])?.focus();
}
const note = () => el("label", {}, t("review.note"), el("input", { name: "reason", maxlength: 500, autocomplete: "off" }));

export function askReason(item, done) {
  const form = ask(t("review.ask_reason"), [
    el("p", { class: "about" }, item.quote),
    choices(REASONS.map((reason) => [reason, t(`review.reason.${reason}`)]), (reason) => done({ reason })),
    el("label", {}, t("review.reason_other"), el("input", { name: "reason", maxlength: 500, autocomplete: "off", required: true })),
  ], ({ reason }) => done({ reason: reason.trim() }), { key: draftKey("dismiss", item) });
  if (draft(draftKey("dismiss", item))?.reason) form.elements.reason.focus();
  else focusOn(form);
}

export function askVerdict(item, done) {
  focusOn(ask(t("review.ask_verdict"), [
    el("p", { class: "about" }, item.quote),
    choices(VERDICTS.map((verdict) => [
      verdict, el("span", { class: verdict }, el("i", {}, GLYPHS[verdict]), name("verdict", verdict)),
      el("small", {}, name("verdict_help", verdict)),
    ]), (verdict, { reason }) => done({ verdict, ...(reason ? { reason } : {}) })),
    note(),
  ], () => {}, { key: draftKey("verdict", item), save: false }), item.verdict);
}

export function askProduct(item, done) {
  const known = [...products()];
  focusOn(ask(t("review.ask_product"), [
    el("p", { class: "about" }, item.quote),
    choices([...known.map(([sku, title]) => [sku, title, sku === item.product && el("small", {}, t("review.now"))]), ["", t("review.no_product")]], (product) => done({ product })),
  ], () => {}, { save: false }), item.product ?? "");
}

export function askWords(item, heard, done) {
  const form = ask(t("review.ask_words"), [
    el("label", {}, t("review.words_said"), el("textarea", { name: "quote", rows: 3, maxlength: 1000, required: true }, item.standing?.quote || item.quote)),
    heard && el("p", { class: "soft" }, t("review.words_heard", { heard })),
  ], ({ quote }) => { if (quote.trim()) done({ quote: quote.trim() }); }, { key: draftKey("correct", item) });
  form.elements.quote.focus();
  form.elements.quote.select();
}

export function askMissed(stretch, item, done) {
  const key = draftKey("missed", { stream: state.stream.id });
  const held = draft(key);
  const option = (family) => (value) => el("option", { value }, name(family, value));
  const form = ask(t("review.ask_missed", { from: clock(held?.start_ms ?? stretch.start_ms), to: clock(held?.end_ms ?? stretch.end_ms) }), [
    el("input", { type: "hidden", name: "start_ms", value: stretch.start_ms }),
    el("input", { type: "hidden", name: "end_ms", value: stretch.end_ms }),
    el("label", {}, t("review.words_said"), el("textarea", { name: "quote", rows: 2, maxlength: 1000, required: true }, stretch.quote)),
    el("label", {}, t("review.filter_kind"), el("select", { name: "kind" }, values("kind").map(option("kind")))),
    el("label", {}, t("review.filter_verdict"), el("select", { name: "verdict" }, VERDICTS.map(option("verdict")))),
    el("label", {}, t("review.filter_product"), el("select", { name: "product" },
      el("option", { value: "" }, t("review.no_product")), [...products()].map(([sku, title]) => el("option", { value: sku }, title)))),
    note(),
  ], (entered) => done({
    stream: state.stream.id,
    start_ms: Number(entered.start_ms),
    end_ms: Number(entered.end_ms),
    kind: entered.kind,
    verdict: entered.verdict,
    product: entered.product,
    quote: entered.quote.trim(),
    reason: entered.reason.trim(),
  }), { key });
  if (!held) {
    if (item) Object.assign(form.elements.kind, { value: item.kind });
    form.elements.verdict.value = "unsupported";
    form.elements.product.value = stretch.product ?? "";
  }
  form.elements.quote.focus();
}

export function askName(now, done) {
  const form = ask(t("review.ask_name"), [
    el("p", { class: "soft" }, t("review.ask_name_why")),
    el("label", {}, t("review.name"), el("input", { name: "name", value: now, required: true, maxlength: 40, autocomplete: "name" })),
  ], ({ name: given }) => done(given.trim()), { must: !now });
  form.elements.name.select();
}

export function showHelp(keys) {
  ask(t("review.help"), el("dl", { class: "keys" }, keys.map(([shown, code]) => [el("dt", {}, el("kbd", {}, shown)), el("dd", {}, t(code))])), () => {}, { save: false, leave: "review.close" });
}
