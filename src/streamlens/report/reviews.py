"""What people decided on findings, in words for the reports."""

from datetime import datetime

from streamlens.report.bundle import Bundle
from streamlens.report.messages import text
from streamlens.schema import Review


def review_line(bundle: Bundle, finding_id: str, lang: str) -> str:
    """One sentence: who decided what when, and what it was before; empty where nobody did."""
    review = bundle.review(finding_id)
    if review is None:
        return ""
    line = text(
        f"reviewed.{review.state}", lang, by=", ".join(review.by), at=_day(review.at), was=_was(bundle, review, lang)
    )
    return f"{line} {text('reviewed.because', lang, reviewed_reason=review.reason)}" if review.reason else line


def review_row(review: Review) -> dict[str, object]:
    """The same for programs."""
    return {
        "state": review.state,
        "by": list(review.by),
        "at": review.at.isoformat(),
        "reason": review.reason,
        "was": {"verdict": review.was_verdict, "quote": review.was_quote, "product": review.was_product},
    }


def _was(bundle: Bundle, review: Review, lang: str) -> str:
    parts = [text(f"verdict.{review.was_verdict}", lang)] if review.was_verdict else []
    parts += [text("ui.quoted", lang, quote=review.was_quote)] if review.was_quote else []
    if review.was_product is not None:
        parts.append(bundle.product_name(review.was_product) or text("ui.no_product", lang))
    return " · ".join(parts)


def _day(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")
