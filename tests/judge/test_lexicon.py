"""The judge's word tables."""

import msgspec
import pytest

from streamlens.errors import RuleError
from streamlens.judge.lexicon import WordTable, load_lexicon, said


@pytest.mark.parametrize(
    ("table", "text", "headings"),
    [
        ("additives", "山梨酸钾", ("防腐剂",)),
        ("additives", "5'-呈味核苷酸二钠", ("增味剂",)),
        ("additives", "乳酸菌", ("不是添加剂",)),
        ("additives", "乳酸", ("酸度调节剂",)),
        ("additives", "食用香精", ("香精香料",)),
        ("additives", "食用盐", ()),
        ("additives", "白砂糖", ()),
        ("residues", "高效氯氟氰菊酯", ("农药",)),
        ("residues", "恩诺沙星", ("兽药",)),
        ("residues", "井冈霉素", ("农药",)),
        ("residues", "赤霉素", ("激素", "膨大剂")),
        ("residues", "可溶性固形物", ()),
        ("functions", "提高抵抗力", ("有助于增强免疫力",)),
        ("functions", "有助于维持血脂（胆固醇/甘油三酯）健康水平", ("有助于维持血脂健康水平",)),
        ("groups", "孕妇小孩随便吃", ("孕妇", "儿童")),
        ("food-categories", "调味料", ("调味品",)),
        ("purity-items", "C-4植物糖含量", ("掺假",)),
        ("nutrients", "Se", ("硒",)),
    ],
)
def test_what_the_tables_that_ship_say(rulebook, table, text, headings):
    assert load_lexicon(rulebook)[table].find(text) == headings


def test_longer_words_take_their_letters():
    table = WordTable(rows=(("糖", ("糖",)), ("蔗糖", ("蔗糖",)), ("both", ("糖",))))
    assert table.find("无蔗糖") == ("蔗糖",)
    assert table.find("蔗糖和糖") == ("糖", "蔗糖", "both")


def test_spoken_form_without_marks():
    assert said("0添加，100%纯！") == "零添加百分之百纯"


def test_a_missing_table_and_a_line_without_words_are_refused(rulebook):
    without = msgspec.structs.replace(rulebook, sets=tuple(row for row in rulebook.sets if row[0] != "judge-groups"))
    with pytest.raises(RuleError, match=r"judge-groups\.txt: is missing"):
        load_lexicon(without)
    bare = msgspec.structs.replace(without, sets=(*without.sets, ("judge-groups", ("孕妇",))))
    with pytest.raises(RuleError, match="'孕妇' has no words"):
        load_lexicon(bare)
