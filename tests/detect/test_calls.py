"""Links called out by their number."""

import pytest

from make import transcript
from streamlens.detect.calls import find_calls
from streamlens.detect.spoken import speak


@pytest.mark.parametrize(
    ("said", "links"),
    [
        ("一号链接", [1]),
        ("1号链接", [1]),
        ("三号车", [3]),
        ("小黄车第二个", [2]),
        ("购物车里面的第五个", [5]),
        ("链接五", [5]),
        ("链接十二，大家看", [12]),
        ("第3个链接", [3]),
        ("上五号", [5]),
        ("挂二号", [2]),
        ("想要的去七号拍", [7]),
        ("就拍十号，薄皮的", [10]),
        ("六号，孝感的米酒", [6]),
        ("最后一个八号东宁的", [8]),
        ("五号还在的", [5]),
        ("二十号链接", [20]),
        ("三二一，二号链接", [2]),
        ("三二一二号链接", [2]),
        ("二号链接三号链接", [2, 3]),
        # misheard
        ("二号练基", [2]),
        ("毫回到一号练级鸡蛋", [1]),
        ("依号连接", [1]),
        ("挂三毫", [3]),
        # no link
        ("十月八号发货", []),
        ("今天十二号", []),
        ("八号之前发货", []),
        ("上链接，五斤装", []),
        ("链接五百单", []),
        ("一号人物登场", []),
        ("坐地铁三号线", []),
        ("三号楼的", []),
        ("三毫升", []),
        ("第二个是红薯", []),
        ("三百零一号链接", [301]),
        ("", []),
    ],
)
def test_links(said: str, links: list[int]) -> None:
    assert [call.link for call in find_calls(speak(transcript(said)))] == links


def test_the_clearer_the_surer() -> None:
    def sure(said: str) -> float:
        (call,) = find_calls(speak(transcript(said)))
        return call.confidence

    assert sure("二号链接") > sure("上二号") > sure("有个二号的") > sure("这边二号东边")
