// The finding at the right: what was said, what was judged and why, who decided what.

import { unsaved } from "./drafts.js";
import { el, marked, one } from "./dom.js";
import { playMoment } from "./player.js";
import { on, products, selected, state } from "./state.js";
import { clock, deed, GLYPHS, name, reasonText, t, when } from "./words.js";

const pane = one("#finding");
let opened = false; // the trace stays open from finding to finding, once opened
let shown = null;

function draw() {
  const item = selected();
  if (!item) {
    pane.replaceChildren(el("p", { class: "soft" }, t("review.choose")));
    return;
  }
  const detail = state.detail?.finding === item.finding && state.detail.stream === item.stream ? state.detail : null;
  pane.className = item.verdict;
  pane.dataset.finding = item.finding;
  pane.dataset.sync = item.sync ?? "";
  pane.dataset.loaded = String(Boolean(detail));
  pane.replaceChildren(
    head(item),
    ...[conflict(item), stands(item), drafts(item), movedFrom(item, detail)].filter(Boolean),
    quote(item, detail),
    ...(detail ? facts(item, detail) : [el("p", { class: "soft" }, t("review.loading"))]),
  );
  if (shown !== item) pane.parentElement.scrollTop = 0;
  shown = item;
}

const productName = (item, sku) => products().get(sku) ?? (sku === item.product ? item.product_name : "") ?? sku ?? "";
const decided = (item, decision) => deed(decision, new Map([[item.product, item.product_name], ...products()]));

function head(item) {
  return el("header", {},
    el("span", { class: "badge" }, el("i", { "aria-hidden": "true" }, GLYPHS[item.verdict] ?? ""), name("verdict", item.verdict)),
    el("b", {}, item.kind_label || name("kind", item.kind)),
    item.channel === "screen" && el("span", { class: "chip" }, name("channel", "screen")),
    el("div", { class: "on-sale" },
      el("button", { type: "button", class: "time", id: "moment", title: t("review.key_again"), onclick: () => playMoment(item) }, `▶ ${clock(item.start_ms)}`),
      el("span", {}, productName(item, item.product) || t("review.no_product"))),
    el("small", {}, t("review.severity", { severity: name("severity", item.severity) }), " · ", t("review.confidence", { confidence: Math.floor(100 * item.confidence) })));
}

function conflict(item) {
  return item.conflict && el("div", { class: "box conflict", role: "alert" },
    el("b", {}, t("review.conflict_title")),
    el("p", {}, item.conflict.error),
    ...others(item).map((each) => el("p", {}, t("review.says", { by: each.by, what: decided(item, each) }))),
    el("p", {}, t("review.conflict_now")));
}

const standings = (item) => (item.standings?.length ? item.standings : item.standing ? [item.standing] : []);
const others = (item) => standings(item).filter((each) => each.by !== state.me);

/** What holds now: one decision, or each reviewer's where they differ. */
function stands(item) {
  const all = item.state === "disputed" || !item.standing ? standings(item) : [item.standing];
  if (!all.length) return null;
  return el("div", { class: `box stands ${item.state === "disputed" ? "disputed" : ""}` },
    item.state === "disputed" && el("b", {}, `⚑ ${t("review.disputed")}`),
    ...all.map((each) => el("p", {},
      t("review.says", { by: each.by === state.me ? t("review.me") : each.by, what: decided(item, each) }),
      each.reason && el("span", { class: "why" }, ` ${reasonText(each.reason)}`),
      each.stale && el("span", { class: "why" }, ` ${t("review.stale")}`),
      item.sync === "pending" && el("span", { class: "soft" }, ` ${t("review.sending")}`))));
}

function drafts(item) {
  const typed = unsaved(item);
  return typed.length > 0 && el("p", { class: "box draft" }, t("review.draft", { what: typed.map((action) => t(`review.do_${action}`)).join(" · ") }));
}

function movedFrom(item, detail) {
  const from = detail?.moved_from;
  if (!from && !item.orphan) return null;
  return el("div", { class: "box moved" },
    el("b", {}, t(item.orphan ? "review.orphan" : "review.moved")),
    from && el("dl", {},
      el("dt", {}, t("review.moved_before")), el("dd", {}, from.verdict && from.verdict !== item.verdict && el("b", { class: from.verdict }, name("verdict", from.verdict), " "), from.text ? marked(from.text, [from.quote]) : from.quote, " ", from.start_ms != null && el("span", { class: "soft" }, clock(from.start_ms))),
      !item.orphan && [el("dt", {}, t("review.moved_now")), el("dd", {}, item.quote, " ", el("span", { class: "soft" }, clock(item.start_ms)))]));
}

/** What the audit says, where a reviewer has changed it. */
const judged = (item, field) => (item.audit && item.audit[field] !== item[field] ? item.audit[field] : null);

function quote(item, detail) {
  const said = item.audit?.quote ?? item.quote;
  return el("blockquote", {},
    detail?.sentence ? marked(detail.sentence, [detail.heard, said]) : said,
    item.quote !== said && el("p", { class: "corrected" }, t("review.corrected_to", { quote: item.quote })));
}

const row = (code, ...content) => (content.flat().length ? [el("dt", {}, t(code)), el("dd", {}, ...content)] : []);

function facts(item, detail) {
  const said = item.audit?.quote ?? item.quote;
  const papers = (detail.papers ?? []).filter((paper) => paper.id || (paper.says && paper.says !== detail.reason));
  const verdict = judged(item, "verdict");
  const product = judged(item, "product");
  return [
    el("p", { class: "reason" }, detail.reason),
    el("dl", {},
      verdict ? row("review.audit_verdict", name("verdict", verdict)) : [],
      product !== null ? row("review.audit_product", productName(item, product) || t("review.no_product")) : [],
      detail.heard && detail.heard !== said ? row("review.heard", detail.heard) : [],
      detail.sentence && !detail.sentence.includes(said) ? row("review.judged", said) : [],
      row("review.law", (detail.law ?? []).map((law) => el("div", {}, law.text || law.article))),
      row("review.papers", papers.map((paper) => el("div", {},
        [paper.id, paper.type && name("document", paper.type)].filter(Boolean).join(" "),
        paper.field && el("b", {}, ` ${paper.field}${paper.value ? `: ${paper.value}` : ""}`),
        paper.says && el("div", {}, paper.says)))),
      detail.rewrite ? row("review.safer", el("span", { class: "safer" }, detail.rewrite)) : []),
    history(item, detail.history ?? []),
    trace(detail.trace ?? []),
  ];
}

function history(item, decisions) {
  if (!decisions.length) return el("p", { class: "soft" }, t("review.no_history"));
  return el("section", { class: "history" },
    el("h2", {}, t("review.history")),
    el("ol", {}, decisions.map((each) => el("li", { class: each.undone ? "undone" : "" },
      el("span", { class: "soft" }, when(each.at)), " ",
      t("review.says", { by: each.by === state.me ? t("review.me") : each.by, what: decided(item, each) }),
      each.reason && el("span", { class: "why" }, ` ${reasonText(each.reason)}`),
      each.undone && el("span", { class: "soft" }, ` ${t("review.taken_back")}`)))));
}

function trace(steps) {
  return steps.length > 0 && el("details", { open: opened, ontoggle: (event) => { opened = event.target.open; } },
    el("summary", {}, t("review.trace")),
    el("ol", { class: "trace" }, steps.map((step) => el("li", {}, el("b", {}, name("step", step.step)), " ", step.text))));
}

on("select", draw);
on("items", draw);
on("detail", draw);
on("stream", draw);
on("item", (item) => { if (item === selected()) draw(); });
