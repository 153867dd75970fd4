"""Health claims: forbidden for ordinary food whatever is on file; for health food, what its registration lists."""

import re
from typing import Any

from ..schema import HealthFoodRegistration, TestReport
from .amounts import measured
from .lexicon import said
from .papers import (
    Dossier,
    Look,
    Ruling,
    covers,
    dated,
    denies,
    examine,
    fits,
    in_force,
    misses,
    missing,
    say,
    under,
    weigh,
)

_ORDINARY = frozenset({"fresh", "primary", "processed"})
# articles for registered health food; the kinds' own are those for ordinary food
_HEALTH_FOOD = ("health-food-words", "food-78", "food-79")


def disease(dossier: Dossier) -> Ruling:
    """Prohibited for every food, health food included.

    The one exception is the wording of a registered function itself (辅助降血糖), said of the health food that has it:
    quoting one's registration is not a disease claim.
    """

    def read(paper: HealthFoodRegistration) -> Look:
        refused = in_force(dossier, paper, endless=True)
        if refused:
            return refused
        quoted = next((name for name in paper.functions if dossier.quote and _quotes(dossier, said(name))), None)
        if quoted is None:
            return misses(paper, "disease.not_registered", functions="、".join(paper.functions))
        return fits(paper, "function.listed", functions=quoted)

    looks = examine(dossier, HealthFoodRegistration, read)
    if any(look.verdict == "supported" for look in looks):
        return under(weigh(looks, say("disease")), *_HEALTH_FOOD)
    ruling = Ruling(verdict="prohibited", reason=say("disease"), looks=looks)
    return under(ruling, "health-food-words", "food-79", "consumer-reg-15") if _is_health_food(dossier) else ruling


def _is_health_food(dossier: Dossier) -> bool:
    return dossier.product.kind == "health_food"


def _quotes(dossier: Dossier, function: str) -> bool:
    """Whether the quote is the registered wording, or the core of it in a clause that says it in full."""
    return len(function) > 2 and (
        function in dossier.quote or (dossier.quote in function and function in dossier.clause)
    )


# words that promise the effect, right before or inside those that name it
_PROMISED = re.compile("保证|包你|包管|担保|一定能|肯定能|绝对能|百分之百|立马见效|马上见效|立竿见影|当天见效")


def function(dossier: Dossier) -> Ruling:
    """A health function or beauty effect: prohibited of ordinary food, and of health food beyond its registration.

    Even the registered function may not be promised for certain. A product whose kind the catalogue leaves open and
    that has no registration is unsupported: whichever it is, nothing on file lets it be said.
    """
    functions = dossier.lexicon["functions"]
    claimed = functions.find(dossier.quote)

    def read(paper: HealthFoodRegistration) -> Look:
        refused = in_force(dossier, paper, endless=True)
        if refused:
            return refused
        listed = {name for written in paper.functions for name in functions.find(written)}
        shown: dict[str, Any] = {"functions": "、".join(paper.functions)}
        if claimed and set(claimed) <= listed:
            return fits(paper, "function.listed", **shown)
        beyond = "、".join(name for name in claimed if name not in listed)
        return misses(paper, "function.not_listed", near=3, claimed=beyond or dossier.quote, **shown)

    looks = examine(dossier, HealthFoodRegistration, read)
    own = {paper.id for paper in _registrations(dossier) if covers(paper, dossier.product)}
    open_ones = [look for look in looks if look.paper in own and look.verdict in ("supported", "unclear")]
    if dossier.product.kind in _ORDINARY and not open_ones:
        return Ruling(verdict="prohibited", reason=say("function.ordinary"), looks=looks)
    if dossier.product.kind == "unknown" and not any(
        covers(paper, dossier.product) for paper in _registrations(dossier)
    ):
        return Ruling(verdict="unsupported", reason=say("function.kind_unknown"), looks=looks)
    at = dossier.clause.find(dossier.quote)
    promised = _PROMISED.search(dossier.clause[max(0, at - 4) : at] + dossier.quote)
    if promised and any(look.verdict == "supported" for look in looks):
        reason = say("function.promised", words=promised.group())
        return under(Ruling(verdict="prohibited", reason=reason, looks=looks), *_HEALTH_FOOD)
    ruling = weigh(looks, missing(dossier, "health_food_registration"))
    return under(ruling, *_HEALTH_FOOD, "food-75") if _is_health_food(dossier) else ruling


def _registrations(dossier: Dossier) -> list[HealthFoodRegistration]:
    return [paper for paper in dossier.documents if isinstance(paper, HealthFoodRegistration)]


_EVERYONE = "所有人"
_UNFIT = re.compile("不适[宜用合]|禁[用食忌]|慎[用食]|不宜|不推荐|不得")


def suitability(dossier: Dossier) -> Ruling:
    """That a vulnerable group may eat it, or that it has no side effects: a registration or report must say so.

    Every group named must be answered for. A registration that lists one as not suitable says otherwise, as it does of
    claims that everybody may eat it.
    """
    groups = dossier.lexicon["groups"]
    named = groups.find(dossier.quote) or groups.find(dossier.clause)
    shown: dict[str, Any] = {"groups": "、".join(named) or dossier.quote}

    def registration(paper: HealthFoodRegistration) -> Look:
        refused = in_force(dossier, paper, endless=True)
        if refused:
            return refused
        unfit = {group for written in paper.not_suitable_for for group in groups.find(written)}
        if _EVERYONE in named and paper.not_suitable_for:
            return denies(paper, "suitability.not_for", groups="、".join(paper.not_suitable_for))
        if unfit & set(named):
            return denies(paper, "suitability.not_for", groups="、".join(sorted(unfit & set(named))))
        fit = {group for written in paper.suitable_for for group in groups.find(written)}
        if named and set(named) <= fit:
            return fits(paper, "suitability.named", **shown)
        return misses(paper, "suitability.not_named", near=3, **shown)

    def report(paper: TestReport) -> Look:
        answers: dict[str, bool] = {}
        for item in paper.items:
            written = f"{item.name} {item.result} {item.standard}"
            result = measured(item.result, item.unit)
            unfit = bool(_UNFIT.search(item.result)) or result.kind == "failed"
            answered = groups.find(written)
            for group in (each for each in named if each in answered):
                if unfit:
                    answers[group] = False
                elif result.kind in ("passed", "absent"):
                    answers.setdefault(group, True)
        if not all(answers.values()):
            against = "、".join(group for group, fit in answers.items() if not fit)
            return dated(dossier, paper, paper.issued_on, denies(paper, "suitability.not_for", groups=against))
        if named and set(answers) == set(named):
            return dated(dossier, paper, paper.issued_on, fits(paper, "suitability.named", **shown))
        return misses(paper, "suitability.not_tested", **shown)

    def read(paper: HealthFoodRegistration | TestReport) -> Look:
        return registration(paper) if isinstance(paper, HealthFoodRegistration) else report(paper)

    looks = examine(dossier, (HealthFoodRegistration, TestReport), read)
    ruling = weigh(looks, missing(dossier, "report_or_registration"))
    return under(ruling, "false-publicity", *_HEALTH_FOOD) if _is_health_food(dossier) else ruling
