"""Scans become lines: text layers, pictures in every posture, and files that are none."""

from types import SimpleNamespace
from typing import Any

import pytest

from sheets import draw, encoded, pdf
from streamlens.judge.forms import read_papers
from streamlens.judge.pages import read_file
from streamlens.schema import ScannedFile

CERTIFICATE = """
\t#有机产品认证证书
证书编号：131OP2500417
产品名称：五常大米
认证委托人：五常市甲乙米业有限公司
证书有效期：2025年06月01日至2026年05月31日
"""
FIELDS = {
    "type": "organic_certificate",
    "number": "131OP2500417",
    "product": "五常大米",
    "holder": "五常市甲乙米业有限公司",
    "valid_from": "2025-06-01",
    "valid_to": "2026-05-31",
}


@pytest.fixture(scope="module")
def reader() -> Any:
    from streamlens.capture.ocr import load_reader

    return load_reader(side=1600)


def nobody() -> Any:
    raise AssertionError("nothing is to be looked at here")


def fields(file: ScannedFile) -> dict[str, str]:
    (paper,) = read_papers(file)
    return {found.name: found.value for found in paper.fields}


LINES = [
    (200, 80, "有机产品认证证书"),
    (60, 140, "证书编号："),
    (160, 140, "131OP2500417"),
    (60, 170, "产品名称：五常大米"),
    (60, 200, "认证委托人：五常市甲乙米业有限公司"),
    (60, 230, "证书有效期：2025年06月01日至2026年05月31日"),
]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_pdf_is_read_by_its_own_text_however_it_is_turned(turn):
    file = read_file("a.pdf", pdf(LINES, turn=turn), nobody)
    assert fields(file) == FIELDS
    (page,) = file.pages
    assert page.by == "text" and page.aspect > 1
    number = next(line for line in page.lines if line.text == "131OP2500417")
    assert number.confidence == 1.0
    left, top, right, bottom = number.box
    assert (0.26 < left < right < 0.56, 0.14 < top < bottom < 0.18) == (True, True)


def test_a_pdf_of_pictures_is_looked_at(reader):
    file = read_file("a.pdf", encoded(draw(CERTIFICATE), "PDF", resolution=150), lambda: reader)
    assert fields(file) == FIELDS and file.pages[0].by == "picture"


def _noise(image: Any) -> Any:
    import numpy as np
    from PIL import Image, ImageFilter

    grey = np.asarray(image.filter(ImageFilter.GaussianBlur(0.8)), dtype=np.float32)
    spoilt = grey + np.random.default_rng(1).normal(0, 16, (*grey.shape[:2], 1))
    return Image.fromarray(spoilt.clip(0, 255).astype(np.uint8))


POSTURES: dict[str, Any] = {
    "upright": lambda image: image,
    "on its side": lambda image: image.rotate(90, expand=True),
    "on its other side": lambda image: image.rotate(-90, expand=True),
    "on its head": lambda image: image.rotate(180),
    "slanted": lambda image: image.rotate(2.5, expand=True, fillcolor="white"),
    "noisy": _noise,
    "small": lambda image: image.resize((image.width * 55 // 100, image.height * 55 // 100)),
    "transparent": lambda image: image.convert("RGBA"),
    "grey": lambda image: image.convert("L"),
}


@pytest.mark.parametrize("posture", POSTURES.values(), ids=POSTURES)
def test_pictures(reader, posture):
    file = read_file("a.png", encoded(posture(draw(CERTIFICATE))), lambda: reader)
    assert fields(file) == FIELDS
    (paper,) = read_papers(file)
    assert all(found.confidence > 0.85 for found in paper.fields)


def test_the_exif_mark_and_webp(reader):
    from PIL import Image

    image = draw(CERTIFICATE).rotate(90, expand=True)
    mark = Image.Exif()
    mark[0x0112] = 6  # turn it clockwise to see it
    assert fields(read_file("a.jpg", encoded(image, "JPEG", exif=mark, quality=90), lambda: reader)) == FIELDS
    assert fields(read_file("a.webp", encoded(draw(CERTIFICATE), "WEBP"), lambda: reader)) == FIELDS


def test_what_is_blurred_is_never_sure(reader):
    from PIL import ImageFilter

    file = read_file("a.png", encoded(draw(CERTIFICATE).filter(ImageFilter.GaussianBlur(2.4))), lambda: reader)
    assert file.pages[0].coarse
    assert all(line.confidence < 0.9 for line in file.pages[0].lines)


def _locked() -> bytes:
    """Encrypted with a password that nobody gives."""
    plain = pdf(LINES)
    key = b"<" + b"41" * 32 + b">"
    encrypt = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O %s /U %s /P -44 >> /ID [<00> <00>] " % (key, key)
    return plain.replace(b"trailer << ", b"trailer << " + encrypt)


BAD = {
    "empty": ("a.jpg", b"", "scan.empty"),
    "not what it says": ("a.jpg", b"hello", "scan.damaged"),
    "a torn PDF": ("a.pdf", pdf(LINES)[:300], "scan.damaged"),
    "a PDF with a password": ("a.pdf", _locked(), "scan.locked"),
    "another format": ("a.docx", b"PK", "scan.format"),
    "no suffix": ("paper", b"x", "scan.format"),
}


@pytest.mark.parametrize(("name", "data", "code"), BAD.values(), ids=BAD)
def test_what_cannot_be_read_is_told(name, data, code):
    file = read_file(name, data, lambda: SimpleNamespace(read=lambda image: ()))
    assert file.pages == () and file.trouble is not None and file.trouble.code == code


def test_a_torn_picture_is_told():
    from PIL import Image

    whole = encoded(Image.effect_noise((400, 400), 60), "JPEG")
    file = read_file("a.jpg", whole[: len(whole) // 2], lambda: SimpleNamespace(read=lambda image: ()))
    assert file.trouble is not None and file.trouble.code == "scan.damaged"


def test_a_pdf_of_very_many_pages_is_read_in_part():
    file = read_file("a.pdf", pdf(*[LINES] * 33), nobody)
    assert len(file.pages) == 30
    assert file.trouble is not None and dict(file.trouble.args) == {"count": "30", "more": "3"}
