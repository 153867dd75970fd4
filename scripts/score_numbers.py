"""How well numbers, shares, money and weights are read, on published test cases of other projects.

    python scripts/score_numbers.py DATA [--misses]

DATA holds `textnorm_ms_recognizers/` (Microsoft Recognizers-Text, Specs/.../Chinese) and `textnorm_cn2an/cases.json`
(Ailln/cn2an); see there for their licences. A case is right when exactly its values are found, in order. What is
outside our scope is counted apart, never as right:

- cases that the specification itself marks as supported by none of that library's languages (`by_design`);
- NumberRangeModel, OrdinalModel: from-to and rank are read where they matter (days, weights), as no type of their own;
- foreign currencies, and of dimensions what is no weight;
- of cn2an: its rewriting of whole sentences (dates, telephones), digits read one by one as text (零零三 -> "003"), and
  its strict mode, which refuses 一一 and 百十一 that its own normal mode reads. What it writes, we read back.
"""

import argparse
import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from streamlens.language import plain, spoken
from streamlens.language.money import prices
from streamlens.language.numbers import numbers, percents
from streamlens.language.quantities import masses


class Case(msgspec.Struct, frozen=True):
    """`wanted` None: outside our scope. Values are numbers; shares in percent, money in yuan, weights in grams."""

    text: str
    wanted: tuple[float, ...] | None
    found: tuple[float, ...] = ()

    @property
    def right(self) -> bool:
        return (
            self.wanted is not None
            and len(self.wanted) == len(self.found)
            and all(
                math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-18) for a, b in zip(self.wanted, self.found, strict=True)
            )
        )


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-18)


# Dimensions that are weights, in grams
_WEIGHTS = {"Gram": 1.0, "Kilogram": 1000.0, "Jin": 500.0, "Liang": 50.0, "Ton": 1_000_000.0, "Microgram": 1e-6}


def found_numbers(text: str) -> tuple[float, ...]:
    return tuple(number.value for number in numbers(plain(text)))


def found_shares(text: str) -> tuple[float, ...]:
    return tuple(share.value * 100 for share in percents(plain(text)))


def found_money(text: str) -> tuple[float, ...]:
    return tuple(price.yuan for price in prices(spoken(text)[0]) if price.marked)


def found_grams(text: str) -> tuple[float, ...]:
    return tuple(grams for grams, _, _ in masses(spoken(text)[0]))


def recognizers(folder: Path) -> Iterator[tuple[str, list[Case]]]:
    for path in sorted(folder.rglob("*.json")):
        name = path.stem
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
        if name in ("NumberModel", "PercentModel", "CurrencyModel", "DimensionModel"):
            yield name, [_recognizers_case(name, row) for row in rows]
        else:
            yield name, [Case(row["Input"], None) for row in rows]


def _recognizers_case(name: str, row: dict) -> Case:
    text, results = row["Input"], [result["Resolution"] for result in row["Results"]]
    refused = set(row.get("NotSupported", "").replace(" ", "").split(","))
    if row.get("NotSupportedByDesign") or {"dotnet", "java", "javascript", "python"} <= refused:
        return Case(text, None)
    if name == "CurrencyModel":
        if any(result["isoCurrency"] != "CNY" for result in results):
            return Case(text, None)
        return Case(text, tuple(float(result["value"]) for result in results), found_money(text))
    if name == "DimensionModel":
        if any(result["unit"] not in _WEIGHTS for result in results):
            return Case(text, None)
        grams = tuple(float(result["value"]) * _WEIGHTS[result["unit"]] for result in results)
        return Case(text, grams, found_grams(text))
    values = tuple(float(result["value"].rstrip("%")) for result in results)
    return Case(text, values, (found_shares if name == "PercentModel" else found_numbers)(text))


def cn2an(path: Path) -> Iterator[tuple[str, list[Case]]]:
    given = json.loads(path.read_text(encoding="utf-8"))
    read = given["cn2an"]
    for name in ("strict_data_dict", "normal_data_dict", "smart_data_dict"):
        yield f"cn2an {name}", [_amount(text, float(wanted)) for text, wanted in read[name].items()]
    for name in ("error_normal_datas", "error_smart_datas"):
        yield f"cn2an {name}", [_refused(text) for text in read[name]]
    written = [(number, forms) for number, forms in given["an2cn"]["input_data"].items()]
    yield (
        "an2cn input_data, read back",
        [_amount(form, float(number)) for number, forms in written for form in (*forms[:2], forms[3])],
    )
    # a sum in capitals ends at the fen, so it is read back rounded down to it
    yield (
        "an2cn input_data, sums of money read back",
        [Case(forms[2], (math.trunc(float(n) * (100 + 1e-9)) / 100,), _money(forms[2])) for n, forms in written],
    )
    outside = [text for name in ("direct_data_dict", "error_strict_datas") for text in read[name]]
    outside += [text for part in given["transform"].values() for text in part]
    yield "cn2an, outside our scope", [Case(text, None) for text in outside]


def _amount(text: str, wanted: float) -> Case:
    money = any(char in text for char in "元圆角")
    return Case(text, (wanted,), _money(text) if money else found_numbers(text))


def _money(text: str) -> tuple[float, ...]:
    sign = -1 if text.startswith("负") else 1
    return tuple(sign * yuan for yuan in found_money(text.removeprefix("负")))


def _refused(text: str) -> Case:
    """A text that is no number: nothing is found, or not all of it."""
    whole = [number for number in numbers(plain(text)) if number.end - number.start == len(text)]
    return Case(text, (), tuple(number.value for number in whole) + found_money(text))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path)
    args = parser.parse_args()
    files = [*recognizers(args.data / "textnorm_ms_recognizers"), *cn2an(args.data / "textnorm_cn2an" / "cases.json")]
    right = scored = outside = 0
    print(f"{'file':44}{'right':>7}{'scored':>8}{'share':>8}{'outside':>9}")
    for name, cases in files:
        inside = [case for case in cases if case.wanted is not None]
        good = sum(case.right for case in inside)
        share = f"{good / len(inside):8.3f}" if inside else "       -"
        print(f"{name:44}{good:7}{len(inside):8}{share}{len(cases) - len(inside):9}")
        for case in inside:
            if not case.right:
                print(f"    {case.text[:70]}: wanted {_shown(case.wanted)}, found {_shown(case.found)}")
        right, scored, outside = right + good, scored + len(inside), outside + len(cases) - len(inside)
    if not scored:
        print(f"{args.data}: no cases found", file=sys.stderr)
        return 2
    print(f"{'all':44}{right:7}{scored:8}{right / scored:8.3f}{outside:9}")
    return 0


def _shown(values: tuple[float, ...] | None) -> str:
    return ", ".join(f"{value:.12g}" for value in values or ()) or "nothing"


if __name__ == "__main__":
    sys.exit(main())
