"""How the values of papers are written, and what their form says of how well they were read."""

import re
from collections.abc import Callable

from .kinds import Field

UNSURE = 0.6  # the confidence of what was read, but not in the form that it should have
_GUESSED = 0.85


def shape(field: Field, text: str) -> tuple[str, float]:
    """A value as the document holds it, and what its form does to the confidence."""
    tight = re.sub(r"\s", "", text)
    if field.form and re.fullmatch(field.form, tight):
        return tight, 1.0
    made = _SHAPES.get(field.name)
    text, sure = made(text) if made else (text.strip(" :;,。"), 1.0)
    return text, min(sure, UNSURE) if field.form else sure


def _number(text: str) -> tuple[str, float]:
    text = text.replace("〔", "[").replace("〕", "]")
    text = re.sub(r"^(?:No\.?|NO\.?|№)[:：]?\s*", "", text.strip())
    match = re.match(r"[\w\-—/()\[\].·]+(?:\s?号)?", text)
    if not match:
        return "", 0.0
    number = match.group().strip(".-—")
    if not re.search(r"\d", number):
        return "", 0.0
    rest = text[match.end() :].strip()
    if rest and re.fullmatch(r"[0-9A-Z\- ]+", rest):  # parted by a space
        return number + re.sub(r"\s", "", rest), _GUESSED
    return number, 1.0 if not rest else _GUESSED


def _amount_g(text: str) -> tuple[str, float]:
    match = re.search(r"(\d+(?:\.\d+)?)\s*(kg|g|千克|公斤|克|斤)(?![a-z])", text, re.IGNORECASE)
    return (f"{match[1]}{match[2]}", 1.0) if match else ("", 0.0)


def _hours(text: str) -> tuple[str, float]:
    match = re.search(r"(\d+(?:\.\d+)?)\s*(?:个)?(小时|h\b|天)", text, re.IGNORECASE)
    return (f"{match[1]}{match[2]}", 1.0) if match else ("", 0.0)


_MINUS = re.compile(r"^(?:零下|负|[-−–—一])")


def celsius(text: str) -> str:
    """A temperature as a number; "" for what is none.

    >>> celsius("≤-18℃"), celsius("零下18.2度"), celsius("—18.0"), celsius("车厢")
    ('-18', '-18.2', '-18.0', '')
    """
    tight = re.sub(r"\s|[≤<≦]|不高于|不超过|低于|以下|及以下|℃|°C|°|度|摄氏|C$", "", text)
    tight = _MINUS.sub("-", tight)
    return tight if re.fullmatch(r"-?\d{1,2}(?:\.\d{1,2})?", tight) else ""


def _max_celsius(text: str) -> tuple[str, float]:
    between = re.fullmatch(r"\s*(.+?)\s*(?:~|～|至|到)\s*(.+?)\s*", text)
    shown = celsius(between[2] if between else text)
    if between and shown and not shown.startswith("-") and re.search("零下|-", between[1]) and "+" not in between[2]:
        return shown, UNSURE  # -18~15: is the second one below zero too?
    return shown, 1.0 if shown else 0.0


def _listing(text: str) -> tuple[str, float]:
    text = re.sub(r"\([^()]*该产品[^()]*\)|。.*$", "", text)
    return "、".join(part.strip(" 等。") for part in re.split(r"[、,，;；/]", text) if part.strip(" 等。")), 1.0


def _ingredients(text: str) -> tuple[str, float]:
    text = re.sub(r"^(?:表)?:", "", text).rstrip("。")
    return text, 1.0


def _title(text: str) -> tuple[str, float]:
    return text.strip('《》“”" 。,'), 1.0


_SHAPES: dict[str, Callable[[str], tuple[str, float]]] = {
    "number": _number,
    "declared_g": _amount_g,
    "ships_within_hours": _hours,
    "required_max_celsius": _max_celsius,
    "functions": _listing,
    "suitable_for": _listing,
    "not_suitable_for": _listing,
    "ingredients": _ingredients,
    "title": _title,
    "brand": _title,
}
