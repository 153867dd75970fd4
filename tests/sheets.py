"""Papers for tests: lines as a recogniser would give them, and files that hold them."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from streamlens.schema import ScanLine, ScannedFile, ScanPage

FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/STHeiti Medium.ttc",
)


def page(text: str, *, confidence: float = 0.98, aspect: float = 1.414) -> ScanPage:
    """A page from rows of text; tabs part a row into columns of the same width, a # makes a line large (a title)."""
    rows = [row for row in text.strip("\n").split("\n") if row.strip()]
    lines = []
    for number, row in enumerate(rows):
        cells = row.split("\t")
        middle = 0.06 + 0.9 * number / max(len(rows), 24)
        for at, cell in enumerate(cells):
            said = cell.strip().lstrip("#")
            if not said:
                continue
            high = 0.024 if cell.strip().startswith("#") else 0.012
            left = 0.05 + 0.9 * at / len(cells)
            wide = sum(2 if ord(char) > 255 else 1 for char in said) * high * aspect * 0.45
            box = (left, middle - high / 2, left + wide, middle + high / 2)
            lines.append(ScanLine(text=said, box=box, confidence=confidence))
    return ScanPage(lines=tuple(lines), aspect=aspect, by="picture")


def file(*texts: str, name: str = "证书.jpg", **options: Any) -> ScannedFile:
    return ScannedFile(name=name, pages=tuple(page(text, **options) for text in texts))


def draw(text: str, *, size: int = 30, width: int = 1240, height: int = 1500) -> Any:
    """The same rows as a picture. Skips where the machine has no Chinese font."""
    from PIL import Image, ImageDraw, ImageFont

    path = next((font for font in FONTS if Path(font).is_file()), None)
    if path is None:
        pytest.skip("no Chinese font on this machine")
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    top = 80.0
    for row in text.strip("\n").split("\n"):
        cells = row.split("\t")
        for at, cell in enumerate(cells):
            title = cell.strip().startswith("#")
            font = ImageFont.truetype(path, size * 2 if title else size)
            left = 80 + (width - 160) * at / len(cells)
            pen.text((left, top), cell.strip().lstrip("#"), font=font, fill="black")
        top += size * (3.2 if "#" in row else 1.9)
    return image


def encoded(image: Any, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def pdf(*pages: Sequence[tuple[float, float, str]], turn: int = 0) -> bytes:
    """A PDF with text of its own: (left, top, text) in points on A4, in a font that readers know and none embeds."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) "
        b"/Ordering (GB1) /Supplement 4 >> /DW 1000 /FontDescriptor 5 0 R >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [0 -200 1000 900] /ItalicAngle 0 "
        b"/Ascent 880 /Descent -120 /CapHeight 700 /StemV 80 >>",
    ]
    kids = []
    for lines in pages:
        text = b"".join(
            b"BT /F1 14 Tf %g %g Td <%s> Tj ET\n" % (left, 842 - top, said.encode("utf-16-be").hex().encode())
            for left, top, said in lines
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text))
        kids.append(b"%d 0 R" % (len(objects) + 1))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate %d /Resources << /Font << /F1 3 0 R >> >> "
            b"/Contents %d 0 R >>" % (turn, len(objects))
        )
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    out, places = b"%PDF-1.5\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1, table, len(objects) + 1, len(out),
    )  # fmt: skip
