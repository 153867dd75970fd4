"""Nobody is named."""

import re

import pytest

from streamlens.capture.audience.pseudonym import Pseudonyms

KEY = Pseudonyms(b"a key for tests", "小林")


def test_a_viewer_has_one_pseudonym_and_no_other_key_gives_it() -> None:
    one = KEY.viewer("", "山风")
    assert re.fullmatch("[0-9a-f]{16}", one)
    assert one == KEY.viewer("", "山风 ") == Pseudonyms(b"a key for tests").viewer("0", "山风")
    assert one != Pseudonyms(b"another key").viewer("", "山风")
    assert one != KEY.viewer("", "山风2")
    assert KEY.viewer("8801", "山风") == KEY.viewer("8801", "山风改名了") != one
    assert KEY.digest != Pseudonyms(b"another key").digest
    assert b"a key for tests".hex() not in KEY.digest


@pytest.mark.parametrize(
    ("uid", "name"),
    [("", ""), ("0", "牛***"), ("-1", "***"), ("", "匿名用户"), ("null", "游客12"), ("", "a*b"), ("1**9", "k＊")],
)
def test_what_many_share_is_nobody(uid: str, name: str) -> None:
    assert KEY.viewer(uid, name) == ""


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("多少钱一斤", "多少钱一斤"),
        ("5斤29块9，买2送1", "5斤29块9，买2送1"),
        ("已拍😋[赞][赞]", "已拍😋[赞][赞]"),
        ("我的电话13800138000", "我的电话[电话]"),
        ("138 0013 8000 联系我", "[电话] 联系我"),
        ("138-0013-8000", "[电话]"),
        ("１３８００１３８０００", "[电话]"),
        ("幺三八零零一三八零零零打给我", "[电话]打给我"),
        ("座机0797-8123456", "座机[电话]"),
        ("身份证11010119900307283X", "身份证[证件号]"),
        ("加微信orange_88", "加微信[账号]"),
        ("加我vx：Orange88", "加我vx：[账号]"),
        ("qq123456789", "qq[账号]"),
        ("发我邮箱 li.ming@example.com 谢谢", "发我邮箱 [邮箱] 谢谢"),
        ("订单号6921234567890123456到哪了", "订单号[号码]到哪了"),
        ("寄到杭州市西湖区文一路18号3栋", "[地址]"),
        ("@山风 怎么卖", "@… 怎么卖"),
        ("@主播 几斤", "@主播 几斤"),
        ("@小林 几斤", "@小林 几斤"),
        ("回复＠山风：好吃", "回复@…：好吃"),
        ("1号链接多少钱", "1号链接多少钱"),
        ("我们村3号链接还有吗", "我们村3号链接还有吗"),
        ("第5单元讲完了吗", "第5单元讲完了吗"),
        ("2026年10月12日发货吗", "2026年10月12日发货吗"),
        ("一二三四五六七八九十上链接", "一二三四五六七八九十上链接"),
    ],
)  # fmt: skip
def test_persons_in_a_text_are_masked_and_goods_are_not(text: str, masked: str) -> None:
    assert KEY.masked(text) == masked


def test_a_viewer_named_in_a_text_without_a_space_is_found_by_name() -> None:
    assert KEY.masked("@山风甜不甜", {"山风", "山"}) == "@…甜不甜"
    assert KEY.masked("@山风甜不甜") == "@…"
