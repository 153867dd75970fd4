"""Which version of which article is cited on which day."""

from datetime import date

import pytest

from streamlens.errors import RuleError
from streamlens.judge.law import load_law
from streamlens.schema import KINDS


def cited(law, name: str, day: date | None) -> str:
    refs = law.cite((name,), day)
    return refs[0].zh if refs else ""


@pytest.mark.parametrize(
    ("name", "day", "part"),
    [
        ("competition-publicity", date(2025, 10, 14), "第八条"),
        ("competition-publicity", date(2025, 10, 15), "第九条"),
        ("competition-publicity", None, "第九条"),
        ("live-34", date(2026, 1, 31), ""),
        ("live-34", date(2026, 2, 1), "第三十四条"),
        ("label-claims", date(2027, 3, 15), "GB 7718-2011"),
        ("label-claims", date(2027, 3, 16), "GB 7718-2025"),
        ("label-claims", None, "GB 7718-2011"),
        ("label-order-7", date(2027, 3, 15), ""),
        ("label-order-7", None, ""),  # not in force when the table was checked
        ("trademark-14-5", date(2026, 12, 31), "第十四条"),
        ("trademark-14-5", date(2027, 1, 1), "条号待核"),
    ],
)
def test_the_version_in_force_on_the_day(law, name, day, part):
    found = cited(law, name, day)
    assert part in found and bool(part) == bool(found)


def test_alternatives_are_cited_as_such_in_the_version_of_the_day(law):
    (before,) = law.cite(("false-publicity",), date(2025, 10, 14))
    (after,) = law.cite(("false-publicity",), date(2025, 10, 15))
    assert "《广告法》第二十八条" in before.zh and "第八条" in before.zh and before.zh.endswith("（择一适用）")
    assert "第九条" in after.zh and "Art. 9" in after.en and after.en.endswith("(one of them applies)")


def test_what_was_not_read_in_the_law_itself_is_marked(law):
    marks = {
        name: law.cite((name,), None)[0].verified for name in ("ad-17", "food-reg-38", "gi", "cold-chain", "green")
    }
    assert marks == {"ad-17": True, "food-reg-38": True, "gi": False, "cold-chain": False, "green": False}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("day", [None, date(2024, 8, 1), date(2026, 3, 1), date(2027, 4, 1)])
def test_every_kind_cites_something_in_both_languages_on_every_day(law, kind, day):
    refs = law.cite(law.of_kind(kind), day)
    assert refs and all(ref.zh and ref.en for ref in refs)


def test_order_is_kept_doubles_dropped_and_unknown_ids_refused(law):
    assert [ref.id for ref in law.cite(("food-73", "ad-17", "food-73"), None)] == ["food-73", "ad-17"]
    assert law.of_kind("no.such") == ()
    with pytest.raises(RuleError, match="no article has the id 'ad-99'"):
        law.cite(("ad-99",), None)


GOOD = 'as_of = 2026-10-31\n[[article]]\nid = "a"\nzh = "甲"\nen = "A"\n'


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("as_of = 2026-10-31\n[[article]\n", "line 2"),
        ("[[article]]\n", "as_of"),
        (GOOD.replace("2026-10-31", '"soon"'), "as_of"),
        (GOOD + "[[articles]]\n", "'articles'"),
        (GOOD + '[[article]]\nid = "b"\nzh = "乙"\n', "b: "),
        (GOOD + '[[article]]\nzh = "乙"\nen = "B"\n', "article 2"),
        (GOOD + '[[article]]\nid = "b"\nzh = "乙"\nen = "B"\nsince = 2026-01-01\n', "since"),
        (GOOD + '[[article]]\nid = "b"\nzh = "乙"\nen = "B"\nfrom = "2026"\n', "b: "),
        (GOOD + '[[article]]\nid = "b"\nzh = "乙"\nen = "B"\nfrom = 2026-02-01\nto = 2026-01-01\n', "is after"),
        (GOOD + '[[article]]\nid = "a"\nzh = "乙"\nen = "B"\nfrom = 2026-02-01\n', "two versions"),
        (GOOD + '[[either]]\nid = "e"\nof = ["a", "z"]\n', "'z'"),
        (GOOD + '[[either]]\nid = "a"\nof = ["a"]\n', "has this id too"),
        (GOOD + '[kinds]\n"health.cure" = ["a"]\n', "health.cure"),
        (GOOD + '[kinds]\n"health.disease" = ["z"]\n', "'z'"),
        (GOOD + '[kinds]\n"health.disease" = "a"\n', "health.disease"),
        (GOOD.replace("[[article]]", "[article]"), "article"),
    ],
)
def test_a_table_that_is_wrong_says_where(tmp_path, text, named):
    path = tmp_path / "law.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RuleError) as raised:
        load_law(path)
    assert str(path) in str(raised.value) and named in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_table_that_is_absent_or_not_text(tmp_path):
    (tmp_path / "law.toml").write_bytes(b"\xff\xfe\x00")
    for name, what in (("law.toml", "is not UTF-8"), ("none.toml", "cannot be read")):
        with pytest.raises(RuleError, match=what):
            load_law(tmp_path / name)


CHANGES = (
    date(2025, 10, 14), date(2025, 10, 15), date(2026, 1, 31), date(2026, 2, 1), date(2026, 6, 11), date(2026, 6, 12),
    date(2026, 12, 31), date(2027, 1, 1), date(2027, 3, 15), date(2027, 3, 16),
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("day", CHANGES)
def test_every_kind_on_the_days_around_a_change(law, kind, day):
    """Nothing is cited before it came into force, under a number of another time, or unmarked where it was not read."""
    refs = law.cite(law.of_kind(kind), day)
    text = " ".join(ref.zh for ref in refs)
    assert refs
    assert day >= date(2025, 10, 15) or "2025年文本" not in text
    assert day < date(2025, 10, 15) or "2019年文本" not in text
    assert day >= date(2026, 2, 1) or "直播电商监督管理办法" not in text
    assert day >= date(2026, 6, 12) or "引证内容执法指南" not in text
    assert day >= date(2027, 1, 1) or "2027年1月1日起施行" not in text
    assert day >= date(2027, 3, 16) or ("2025 预包装" not in text and "食品标识监督管理办法" not in text)
    assert day < date(2027, 3, 16) or "7718-2011" not in text
    for ref in refs:
        named = [article for article in law.articles if article.zh in ref.zh]
        assert all(article.since <= day <= article.until for article in named) and named
        assert ref.verified == all(article.verified for article in named)


# the entries marked U in the notes on the law, and what they may be cited as
UNREAD = {
    "quoting-guide", "gi", "green", "selenium", "label-claims", "nutrition-label", "residue-limits", "cold-chain",
    "food-licence",
}  # fmt: skip


def test_exactly_what_was_not_read_is_marked(law):
    marked = {article.id for article in law.articles if not article.verified}
    assert marked == UNREAD | {"trademark-14-5", "trademark-16-2"}


@pytest.mark.parametrize(
    ("kind", "quote", "goods", "cited", "not_cited"),
    [
        ("health.disease", "能治咳嗽", {"kind": "fresh"}, "第十七条", "第十八条"),
        ("health.disease", "能治咳嗽", {"kind": "health_food"}, "第十八条", "第十七条"),
        ("health.function", "增强免疫力", {"kind": "fresh"}, "实施条例》第三十八条", "第七十八条"),
        ("health.function", "增强免疫力", {"kind": "health_food"}, "第七十八条", "实施条例》第三十八条"),
        ("health.suitability", "孕妇放心吃", {"kind": "fresh"}, "第二十八条", "第七十八条"),
        ("health.suitability", "孕妇放心吃", {"kind": "health_food"}, "第七十八条", "第七十三条"),
        ("authority.endorsement", "县长推荐", {}, "第九条第（二）项", "第十八条"),
        ("authority.endorsement", "明星推荐", {}, "第二十八条", "第九条第（二）项"),
        ("authority.endorsement", "协会推荐", {}, "第七十三条", "第九条第（二）项"),
        ("authority.endorsement", "医生推荐", {"kind": "health_food"}, "第十八条", "第九条第（二）项"),
        ("absolute.superlative", "全国最好的", {}, "第九条第（三）项", "第十七条"),
        ("absolute.superlative", "特级的", {}, "第二十八条", "第九条第（三）项"),
        ("price.lowest", "全网最低价", {}, "第十四条第（四）项", "第九条第（三）项"),
        ("freshness.arrival", "次日达", {}, "第十二条", "第二十八条"),
    ],
)
def test_the_article_fits_the_goods_and_the_words(decide, kind, quote, goods, cited, not_cited):
    text = " ".join(ref.zh for ref in decide(quote, kind, goods=goods).law)
    assert cited in text and not_cited not in text
