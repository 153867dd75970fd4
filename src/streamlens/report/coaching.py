"""The anchor's page: what went well, what to try next time, phrases to rehearse. For the phone, friendly, no marks."""

from dataclasses import dataclass
from statistics import median

from streamlens.report.advice import Point, advise, by_product, questions
from streamlens.report.bundle import Bundle, accused, moment
from streamlens.report.curves import curves
from streamlens.report.messages import known, text, word
from streamlens.report.render import render
from streamlens.report.results import safer
from streamlens.schema import FactSort, Finding, Product

WIDTH = 358  # px, a phone's
REHEARSE = 12  # phrases: more are not rehearsed in one sitting


@dataclass(frozen=True)
class Tip:
    """A point in words, with its moment and sound."""

    what: str
    why: str
    how: str
    at_ms: int | None
    sound: str


@dataclass(frozen=True)
class Phrase:
    """Words to be replaced: what was said, how often, what to say instead and why."""

    finding: Finding
    product: str
    times: int
    reason: str
    safer: str
    sound: str


@dataclass(frozen=True)
class Checklist:
    """A product and what was told of it: topic, and when (None: never)."""

    product: Product
    told: tuple[tuple[FactSort, int | None], ...]


def render_coaching(bundle: Bundle, lang: str) -> str:
    """One self-contained page in `lang`. Parts of which nothing is known (no comments, no voice) are left out."""
    from markupsafe import Markup

    advice = advise(bundle)
    asked = questions(bundle)
    return render(
        "coaching.html",
        lang,
        recording=bundle.recording,
        coverage=bundle.findings.coverage,
        glance=_glance(bundle, lang),
        well=[_tip(point, bundle, lang) for point in advice.well],
        better=[_tip(point, bundle, lang) for point in advice.better],
        phrases=_phrases(bundle, lang),
        checklists=_checklists(bundle),
        asked=len(asked),
        unanswered=by_product(bundle, [question for question in asked if question.state == "unanswered"]),
        unclear=sum(question.state == "unclear" for question in asked),
        complaints=bundle.questions.complaints if bundle.questions else (),
        product_name=bundle.product_name,
        curves=Markup(curves(bundle, lang, width=WIDTH)),  # noqa: S704  Vega escapes what it draws
        moment=moment,
        media=bundle.media,
    )


def _tip(point: Point, bundle: Bundle, lang: str) -> Tip:
    def say(family: str) -> str:
        message = point.message(family)
        args = dict(message.args)
        for listed, names in (("topics", "fact"), ("kinds", "kind")):
            if listed in args:
                words = [known(f"{names}.{name}", lang, name) for name in args[listed].split()]
                args[listed] = text("coach.comma", lang).join(words)
        return text(message.code, lang, **args)

    return Tip(
        what=say("coach"), why=say("coach_why"), how=say("coach_how"), at_ms=point.at_ms,
        sound=bundle.sound(point.finding),
    )  # fmt: skip


def _phrases(bundle: Bundle, lang: str) -> list[Phrase]:
    """One for each sort of words about a product, the gravest first."""
    groups: dict[tuple[str, str | None], list[Finding]] = {}
    for finding in accused(bundle.findings.findings):
        groups.setdefault((finding.kind, finding.product), []).append(finding)
    return [
        Phrase(
            finding=(first := next((f for f in group if bundle.sound(f.id)), group[0])),
            product=bundle.product_name(first.product),
            times=len(group),
            reason=word(first.reason, lang),
            safer=safer(first, lang),
            sound=bundle.sound(first.id),
        )
        for group in list(groups.values())[:REHEARSE]
    ]


def _glance(bundle: Bundle, lang: str) -> list[tuple[str, str]]:
    """Numbers with their names: what there is, and nothing made up of them."""
    rows = [("products", str(len({segment.product for segment in bundle.segments.segments})))]
    voice = bundle.voice.utterances if bundle.voice else ()
    paces = [each.pace_cpm for each in voice if each.pace_cpm is not None]
    if paces:
        rows.append(("pace", f"{median(paces):.0f}"))
    said_ms = sum(u.end_ms - u.start_ms for u in bundle.transcript.utterances)
    if bundle.recording.duration_ms:
        rows.append(("talk", f"{said_ms / bundle.recording.duration_ms:.0%}"))
    if asked := questions(bundle):
        answered = sum(question.state in ("answered", "declined") for question in asked)
        rows.append(("questions", text("coach.of", lang, part=answered, all=len(asked))))
    rows.append(("risky", str(len(accused(bundle.findings.findings)))))
    if bundle.audience and (online := [v.online for v in bundle.audience.viewers if v.online is not None]):
        rows.append(("viewers", str(max(online))))
    if bundle.audience and bundle.audience.orders:
        rows.append(("orders", str(len(bundle.audience.orders))))
    return [(text(f"coach_number.{name}", lang), value) for name, value in rows]


def _checklists(bundle: Bundle) -> list[Checklist]:
    told: dict[str, list[tuple[FactSort, int | None]]] = {}
    for each in bundle.facts.checklist if bundle.facts else ():
        told.setdefault(each.product, []).append((each.topic, each.at_ms))
    on = {segment.product for segment in bundle.segments.segments}
    return [
        Checklist(product, tuple(told[product.sku]))
        for product in bundle.catalogue.products
        if product.sku in told and product.sku in on
    ]
