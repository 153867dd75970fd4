"""The analysis of sales in a few sentences, for who reads no further."""

from streamlens.schema import Analysis, Evaluation, Message

HINTS = {"events": "orders", "streams": "streams", "anchors": "anchors", "named_anchors": "anchors", "rows": "rows"}


def in_short(found: Analysis) -> tuple[Message, ...]:
    """What was looked at, what can be said, and how far; each a message of the catalogues."""
    scope = found.scope
    sold = scope.orders if scope.orders is not None else 0
    said = [
        Message(
            code="link_page.looked_at",
            args=(("streams", str(scope.streams)), ("anchors", str(scope.anchors)), ("pitches", str(scope.pitches)),
                  ("orders", f"{sold:,}")),
        )
    ]  # fmt: skip
    if found.simulated:
        said.insert(0, Message(code="link_page.simulated"))
    if found.refused:
        said += [Message(code="link_page.refused"), *found.refused.reasons]
        if no_sales(found):
            said.append(Message(code="link_page.no_sales"))
        else:
            wanted = dict.fromkeys(HINTS.get(lack.what, "rows") for lack in found.refused.lacks)
            said += [Message(code=f"link_page.give_{each}") for each in wanted]
        return tuple(said)
    tried = judged(found)
    if tried:
        said.append(tried.gain.verdict)
    said += [each.statement for each in found.optimism if each.model == found.best]
    told = [each for each in found.effects if seen(each.q_value, found.level)]
    said += [each.statement for each in told]
    counts = (("told", str(len(told))), ("asked", str(len(found.effects))))
    said.append(Message(code="link_page.effects_told" if told else "link_page.effects_none", args=counts))
    along = sum(seen(each.q_value, found.level) for each in found.associations)
    counts = (("told", str(along)), ("asked", str(len(found.associations))))
    said.append(Message(code="link_page.associations_told", args=counts))
    return tuple(said)


def judged(found: Analysis) -> Evaluation | None:
    """The best model as tried on groups that it had not seen."""
    own = [each for each in found.evaluations if each.model == found.best and each.split == found.honest]
    return own[0] if own else None


def no_sales(found: Analysis) -> bool:
    return all(each.orders is None and each.gmv_fen is None for each in found.streams)


def seen(q_value: float | None, level: float) -> bool:
    """Whether something stands after correction for how many were tried."""
    return q_value is not None and q_value < 1 - level
