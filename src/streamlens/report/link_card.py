"""model.md: what the saved model is, what it was tried on, and what it must not be used for."""

from streamlens.report.link_page import number, share, whole
from streamlens.report.link_summary import judged
from streamlens.report.messages import known, text, word
from streamlens.schema import Analysis


def model_card(found: Analysis, lang: str) -> str:
    """The card in Markdown. Empty where there is no model."""
    tried = judged(found)
    if tried is None:
        return ""

    def t(code: str, **args: object) -> str:
        return text(f"link_page.{code}", lang, **args)

    scope, sold = found.scope, known(f"outcome.{found.outcome}", lang, found.outcome)
    lines = [f"# {t('card_title', model=tried.model)}", ""]
    if found.simulated:
        lines += [f"**{t('simulated')}**", ""]
    lines += [t("card_use", sold=sold), "", f"**{t('card_not')}**", "", f"## {t('card_data')}", ""]
    counts = (("streams", scope.streams), ("anchors", scope.anchors), ("pitches", scope.pitches))
    lines += [f"- {t(f'scope_{name}')}: {count:,}" for name, count in counts]
    lines += [f"- {t('scope_orders')}: {whole(scope.orders)}", f"- {scope.first or '–'} … {scope.last or '–'}"]
    lines += [f"- {part} sha256 {digest}" for part, digest in found.digests]
    lines += [f"- seed {found.seed}", "", f"## {t('card_features')}", ""]
    lines += [", ".join(f"`{name}`" for name in found.features), "", _table(found, lang), t("card_chosen"), ""]
    lines += [word(tried.gain.verdict, lang), ""]
    lines += [word(each.statement, lang) for each in found.optimism if each.model == found.best]
    lines += ["", f"## {t('card_limits')}", "", t("cannot_say"), ""]
    if found.scale == "per_1000":
        lines += [t("card_exposure"), ""]
    refused = ", ".join(f"`{leak.column}`" for leak in found.leaks)
    lines += [t("card_leaks", columns=refused or "–"), "", t("card_load")]
    return "\n".join(lines) + "\n"


def _table(found: Analysis, lang: str) -> str:
    """Models and simple guesses under the split that the model is judged by."""
    own = [each for each in found.evaluations if each.split == found.honest]
    split = known(f"split.{found.honest}", lang, found.honest)
    lines = [
        f"## {text('link_page.card_scores', lang, split=split)}",
        "",
        "| | D² | MAE | Spearman |",
        "|---|---|---|---|",
    ]
    scores = [(known(f"model.{each.model}", lang, each.model), each.score) for each in own]
    scores += [(known(f"baseline.{each.name}", lang, each.name), each) for each in own[0].baselines]
    for name, score in scores:
        lines.append(f"| {name} | {share(score.d2)} | {number(score.mae)} | {number(score.spearman, 2)} |")
    return "\n".join([*lines, ""])
