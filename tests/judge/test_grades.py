"""Selenium-rich and other grades: the value against the range that the report's standard states."""

from datetime import date

import pytest

from streamlens.judge.grades import Bounds, convert, read_bounds
from streamlens.schema import TestItem, TestReport


def report(result: str, unit: str, standard: str, *, name: str = "硒", id: str = "T1", day: int = 1) -> TestReport:
    item = TestItem(name=name, result=result, unit=unit, standard=standard)
    return TestReport(id=id, covers=("A",), issued_on=date(2026, 9, day), items=(item,))


@pytest.mark.parametrize(
    ("standard", "bounds"),
    [
        ("富硒农产品 0.01-0.10 mg/kg", Bounds(least=0.01, most=0.1, unit="mg/kg")),
        ("GB/T 22499-2008 富硒稻谷 0.04～0.30mg/kg", Bounds(least=0.04, most=0.3, unit="mg/kg")),
        ("NY/T 600-2002 富硒茶 0.25—4.00", Bounds(least=0.25, most=4.0)),
        ("DB42/T 1234-2020 10至100μg/kg", Bounds(least=10.0, most=100.0, unit="ug/kg")),
        ("≥0.15 mg/kg", Bounds(least=0.15, unit="mg/kg")),
        ("不低于0.2毫克/千克", Bounds(least=0.2, unit="mg/kg")),
        ("0.15mg/kg以上", Bounds(least=0.15, unit="mg/kg")),
        ("≤0.3 且 ≥0.05 mg/kg", Bounds(least=0.05, most=0.3, unit="mg/kg")),
        ("GB/T 22499-2008", None),  # the number of a standard is not a range
        ("DB36/T 1089-2018", None),
        ("T/CI 012—2021", None),
        ("0.30-0.04 mg/kg", None),
        ("", None),
    ],
)
def test_bounds_in_the_text_of_a_standard(standard, bounds):
    assert read_bounds(standard) == bounds


@pytest.mark.parametrize(
    ("value", "unit", "target", "converted"),
    [
        (8, "μg/kg", "mg/kg", 0.008),
        (8, "µg/kg", "mg/kg", 0.008),
        (5, "ug/100g", "mg/kg", 0.05),
        (0.5, "mg/100g", "mg/kg", 5),
        (1, "ppm", "mg/kg", 1),
        (20, "ug/l", "mg/l", 0.02),
        (1, "mg/l", "mg/kg", None),
        (1, "", "mg/kg", None),
    ],
)
def test_units(value, unit, target, converted):
    assert convert(value, unit, target) == (pytest.approx(converted) if converted is not None else None)


RANGE = "富硒农产品 0.01-0.10 mg/kg"


@pytest.mark.parametrize(
    ("paper", "verdict", "code"),
    [
        (report("0.05", "mg/kg", RANGE), "supported", "grade.inside"),
        (report("0.01", "mg/kg", RANGE), "supported", "grade.inside"),
        (report("0.10", "mg/kg", RANGE), "supported", "grade.inside"),
        (report("0.008", "mg/kg", RANGE), "contradicted", "grade.outside"),
        (report("0.12", "mg/kg", RANGE), "contradicted", "grade.outside"),
        (report("50", "μg/kg", RANGE), "supported", "grade.inside"),
        (report("8 μg/kg", "", RANGE), "contradicted", "grade.outside"),
        (report("0.05", "", RANGE), "supported", "grade.inside"),  # in the unit of its standard
        (report("未检出", "mg/kg", RANGE), "contradicted", "grade.outside"),
        (report("<0.005", "mg/kg", RANGE), "contradicted", "grade.outside"),
        (report("<0.05", "mg/kg", RANGE), "unclear", "grade.no_value"),  # may be inside
        (report("0.05", "mg/L", RANGE), "unclear", "grade.other_unit"),
        (report("合格", "", RANGE), "unclear", "grade.no_value"),
        (report("见附页", "", RANGE), "unclear", "grade.no_value"),
        (report("0.05", "mg/kg", "GB/T 22499-2008"), "unclear", "grade.no_range"),
        (report("0.05", "mg/kg", RANGE, name="Se"), "supported", "grade.inside"),
        (report("0.05", "mg/kg", RANGE, name="锌"), "unsupported", "grade.other_items"),
        (report("30", "mg/100g", "≥24 mg/100g", name="总硒（以Se计）"), "supported", "grade.inside"),
    ],
)
def test_selenium(decide, paper, verdict, code):
    finding = decide("富硒的", "certification.selenium", paper)
    assert (finding.verdict, finding.reason.code) == (verdict, f"judge.{code}")


def test_another_nutrient_and_the_newest_report(decide):
    zinc = report("5", "mg/kg", "≥3 mg/kg", name="锌")
    assert decide("富锌大米", "certification.selenium", zinc).verdict == "supported"
    old, new = report("0.008", "mg/kg", RANGE), report("0.06", "mg/kg", RANGE, id="T2", day=20)
    finding = decide("富硒", "certification.selenium", old, new)
    assert (finding.verdict, finding.evidence) == ("supported", ("T2",))
    assert decide("富硒", "certification.selenium", old, new, at=None).verdict == "unclear"
