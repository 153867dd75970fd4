// The words of the page, from the message catalogues that the server put into it.

const texts = JSON.parse(document.getElementById("texts").textContent);

export const chinese = document.documentElement.lang.startsWith("zh");

/** The text of a code with its {named} arguments; a code without text shows as itself. */
export function t(code, args = {}) {
  return (texts[code] ?? code).replace(/\{(\w+)\}/g, (all, name) => (name in args ? String(args[name]) : all));
}

/** The word for a value of a family (`verdict`, `kind`, ...), or the value itself. */
export const name = (family, value) => texts[`${family}.${value}`] ?? value;

/** The values of a family, in the order of the catalogue. */
export const values = (family) =>
  Object.keys(texts).filter((code) => code.startsWith(`${family}.`)).map((code) => code.slice(family.length + 1));

export const VERDICTS = ["prohibited", "contradicted", "unsupported", "unclear", "supported", "none"];
export const GLYPHS = { prohibited: "⊘", contradicted: "≠", unsupported: "?", unclear: "…", supported: "✓", none: "–" };
export const REASONS = ["not_said", "meant_otherwise", "wrong_product", "paper_exists", "allowed", "duplicate"];

/** Reasons are kept as codes where the page offered them, else as typed. */
export const reasonText = (reason) => (REASONS.includes(reason) ? t(`review.reason.${reason}`) : reason);

export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hour, minute, second] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hour ? `${hour}:${two(minute)}:${two(second)}` : `${minute}:${two(second)}`;
}

export function when(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return date.toLocaleString(chinese ? "zh-CN" : "en-GB", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
}

/** A decision in words: what somebody said of a finding. */
export function deed(decision, products = new Map()) {
  const args = {
    quote: decision.quote ?? "",
    verdict: name("verdict", decision.verdict ?? ""),
    product: products.get(decision.product) ?? decision.product ?? "",
  };
  const code = decision.action === "product" && !decision.product ? "review.did_no_product" : `review.did_${decision.action}`;
  return t(code, args);
}
