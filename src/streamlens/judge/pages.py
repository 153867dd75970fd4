"""A scan becomes lines of text: PDF by its own text where it has some, else its picture; JPG, PNG, WebP, TIFF, BMP.

Pictures are turned upright (by their EXIF mark, and by trial where text stands sideways or on its head), straightened,
and brought to a size at which small print can be read. Reading is done by whoever is handed in.
"""

import io
import math
from collections.abc import Callable, Iterable, Sequence
from statistics import mean, median
from typing import TYPE_CHECKING, Any, Protocol

from ..schema import Message, ScanLine, ScannedFile, ScanPage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL import Image

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
SUFFIXES = PICTURES | {".pdf"}
_MOST_PAGES = 30
_DPI = 200
_LONGEST, _SHORTEST = 2600, 1500  # pixels of the longer side that are read
_TEXT = 16  # characters of its own from which a PDF page need not be looked at


class Line(Protocol):
    """A line of text, `box` being left, top, right, bottom in pixels."""

    @property
    def text(self) -> str: ...
    @property
    def box(self) -> tuple[int, int, int, int]: ...
    @property
    def confidence(self) -> float: ...


class Reader(Protocol):
    """Reads the text in a picture, uint8, height x width x 3, RGB."""

    def read(self, image: "npt.NDArray[np.uint8]") -> Sequence[Line]: ...


def read_file(name: str, data: bytes, reader: Callable[[], Reader]) -> ScannedFile:
    """The text of a scan, page by page. What cannot be read is told in `trouble`; nothing is raised for a bad file.

    `reader` is called only for pages that have no text of their own.
    """
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    if suffix not in SUFFIXES:
        return ScannedFile(name=name, trouble=_tell("format", suffix=suffix or name))
    if not data:
        return ScannedFile(name=name, trouble=_tell("empty"))
    try:
        return _pdf(name, data, reader) if data[:1024].find(b"%PDF-") >= 0 else _picture(name, data, reader)
    except _Bad as error:
        return ScannedFile(name=name, trouble=error.message)


class _Bad(Exception):
    def __init__(self, message: Message) -> None:
        super().__init__(message.code)
        self.message = message


def _tell(code: str, **args: str) -> Message:
    return Message(code=f"scan.{code}", args=tuple(args.items()))


# ---- PDF


def _pdf(name: str, data: bytes, reader: Callable[[], Reader]) -> ScannedFile:
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise _Bad(_tell("locked" if "assword" in str(error) else "damaged")) from error
    try:
        pages = []
        for number in range(min(len(document), _MOST_PAGES)):
            page = document[number]
            own = _own_text(page)
            pages.append(own or _read_picture(_render(page), reader()))
        more = len(document) - len(pages)
        if not pages:
            raise _Bad(_tell("damaged"))
        trouble = _tell("more_pages", count=str(len(pages)), more=str(more)) if more else None
        return ScannedFile(name=name, pages=tuple(pages), trouble=trouble)
    except (pdfium.PdfiumError, OSError, ValueError) as error:
        raise _Bad(_tell("damaged")) from error
    finally:
        document.close()


def _render(page: Any) -> "Image.Image":
    width, height = page.get_size()
    scale = min(_DPI / 72, _LONGEST / max(width, height, 1))
    picture: Image.Image = page.render(scale=scale).to_pil()
    return picture.convert("RGB")


def _own_text(page: Any) -> ScanPage | None:
    """The text layer as lines; None where there is none worth the name, or a picture of the page is what people see."""
    text = page.get_textpage()
    try:
        whole = text.get_text_range()
        good = sum(char.isalnum() and not "\ue000" <= char <= "\uf8ff" for char in whole)
        odd = sum("\ue000" <= char <= "\uf8ff" or char == "\ufffd" for char in whole)
        if good < _TEXT or odd > 0.05 * good or (_pictured(page) and good < 200):
            return None
        area = page.get_bbox()
        chars = [(text.get_text_range(at, 1), text.get_charbox(at)) for at in range(text.count_chars())]
    finally:
        text.close()
    # as the page is shown, unless its text then runs sideways: turned right, characters join into the fewest lines
    turns = dict.fromkeys((page.get_rotation(), 0, 90, 180, 270))
    tried = {turn: _joined([(char, _turned(box, turn, area)) for char, box in chars]) for turn in turns}
    turn = min(turns, key=lambda each: len(tried[each]))
    left, bottom, right, top = area
    width, height = (right - left, top - bottom) if turn in (0, 180) else (top - bottom, right - left)
    lines = tuple(
        ScanLine(
            text=line,
            box=(round(x0 / width, 4), round(y0 / height, 4), round(x1 / width, 4), round(y1 / height, 4)),
            confidence=1.0,
        )
        for line, (x0, y0, x1, y1) in tried[turn]
    )
    return ScanPage(lines=lines, aspect=round(height / width, 4), by="text")


def _pictured(page: Any) -> bool:
    """Whether a picture fills most of the page: then its text layer is a stamp, or somebody's guess."""
    import pypdfium2.raw as raw

    width, height = page.get_size()
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        x0, y0, x1, y1 = item.get_bounds()
        if (x1 - x0) * (y1 - y0) > 0.5 * width * height:
            return True
    return False


_Span = tuple[float, float, float, float]


def _turned(box: Sequence[float], turn: int, page: Sequence[float]) -> _Span:
    """A character's box, from the file's axes (up is more) to a reader's (down is more)."""
    x0, y0, x1, y1 = box
    left, bottom, right, top = page
    if turn == 90:
        return y0 - bottom, x0 - left, y1 - bottom, x1 - left
    if turn == 180:
        return right - x1, y0 - bottom, right - x0, y1 - bottom
    if turn == 270:
        return top - y1, right - x1, top - y0, right - x0
    return x0 - left, top - y1, x1 - left, top - y0


def _joined(chars: Iterable[tuple[str, _Span]]) -> list[tuple[str, _Span]]:
    """Characters one after the other, parted where the line changes or a gap is wider than a character and a half."""
    lines: list[tuple[str, _Span]] = []
    space = False
    for char, box in chars:
        if not char.strip() or box[2] <= box[0]:
            space = True
            continue
        if lines:
            text, (x0, y0, x1, y1) = lines[-1]
            size = max(y1 - y0, box[3] - box[1])
            level = abs((y0 + y1) - (box[1] + box[3])) < size
            gap = box[0] - x1
            if level and -0.5 * size < gap < (0.9 if space else 1.5) * size:
                around = (min(x0, box[0]), min(y0, box[1]), max(x1, box[2]), max(y1, box[3]))
                wide = space and gap > 0.2 * size
                lines[-1] = (f"{text}{' ' if wide else ''}{char}", around)
                space = False
                continue
        lines.append((char, box))
        space = False
    return lines


# ---- pictures


def _picture(name: str, data: bytes, reader: Callable[[], Reader]) -> ScannedFile:
    from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            pages: list[ScanPage] = []
            for frame in ImageSequence.Iterator(image):
                if len(pages) == (_MOST_PAGES if image.format == "TIFF" else 1):
                    break
                frame.draft("RGB", (_LONGEST, _LONGEST))  # large JPEGs are not unpacked in full
                upright = ImageOps.exif_transpose(frame)
                pages.append(_read_picture(_on_white(upright), reader()))
            return ScannedFile(name=name, pages=tuple(pages))
    except UnidentifiedImageError as error:
        raise _Bad(_tell("damaged")) from error
    except Image.DecompressionBombError as error:
        raise _Bad(_tell("large")) from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:  # what Pillow raises for torn files
        raise _Bad(_tell("damaged")) from error


def _on_white(image: "Image.Image") -> "Image.Image":
    from PIL import Image

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    if image.mode.startswith("I;16") or image.mode == "I":
        image = image.point(lambda value: value / 256).convert("L")
    return image.convert("RGB")


def _read_picture(image: "Image.Image", reader: Reader) -> ScanPage:
    """The lines of a picture, turned until they stand upright."""
    image = _sized(_straight(image))
    best = _lines(image, reader)
    if best and _sideways(best, image.size):
        turned = [(image.rotate(angle, expand=True), angle) for angle in (90, 270)]
        tried = [(_lines(each, reader), each) for each, _ in turned]
        best, image = max(tried, key=lambda one: _legible(one[0]))
    elif best and _sureness(best) < 0.8:
        over = image.rotate(180)
        other = _lines(over, reader)
        if _legible(other) > _legible(best):
            best, image = other, over
    width, height = image.size
    trust = _COARSE if best and _detail(image, best) < _LEAST_DETAIL else 1.0
    lines = tuple(
        ScanLine(
            text=text,
            box=(round(x0 / width, 4), round(y0 / height, 4), round(x1 / width, 4), round(y1 / height, 4)),
            confidence=round(confidence * trust, 3),
        )
        for text, (x0, y0, x1, y1), confidence in best
    )
    return ScanPage(lines=lines, aspect=round(height / width, 4), by="picture", coarse=trust < 1.0)


_Read = list[tuple[str, tuple[int, int, int, int], float]]


def _lines(image: "Image.Image", reader: Reader) -> _Read:
    import numpy as np

    return [(line.text, line.box, line.confidence) for line in reader.read(np.asarray(image))]


def _sideways(lines: _Read, size: tuple[int, int]) -> bool:
    """Whether most of the text stands on its side: longer lines are taller than wide."""
    spans = [(x1 - x0, y1 - y0) for _, (x0, y0, x1, y1), _ in lines]
    tall = sum(high for wide, high in spans if high > 1.5 * wide)
    flat = sum(wide for wide, high in spans if wide > 1.5 * high)
    return tall > flat


def _legible(lines: _Read) -> float:
    """How much was read, and how surely: what is on its head comes out as a few unsure signs."""
    return sum(len(text) * (confidence - 0.5) for text, _, confidence in lines)


def _sureness(lines: _Read) -> float:
    return mean(confidence for _, _, confidence in lines)


def _sized(image: "Image.Image") -> "Image.Image":
    from PIL import Image

    longer = max(image.size)
    scale = _LONGEST / longer if longer > _LONGEST else min(2.0, _SHORTEST / longer) if longer < _SHORTEST else 1.0
    if scale == 1.0:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


_LEAST_DETAIL, _COARSE = 0.043, 0.88


def _detail(image: "Image.Image", lines: _Read) -> float:
    """How much finer the print is than half of 32 pixels a line can show, in shares of its contrast; the median line.

    Measured on drawn papers: 0.06 and more on scans of 150 dpi, 0.05 at 75 dpi, 0.04 at 50, 0.01 where it is blurred.
    Where it is low a recogniser mistakes 硒 for 硝, and is sure of it.
    """
    import numpy as np
    from PIL import Image

    grey = image.convert("L")
    found = []
    for _, box, _ in lines:
        crop = grey.crop(box)
        if min(crop.size) < 8:
            continue
        crop = crop.resize((max(8, round(crop.width * 32 / crop.height)), 32), Image.Resampling.BICUBIC)
        half = crop.resize((crop.width // 2, 16), Image.Resampling.BOX).resize(crop.size, Image.Resampling.BICUBIC)
        fine = np.asarray(crop, dtype=np.float32)
        low, high = np.percentile(fine, (2, 98))
        found.append(float(np.abs(fine - np.asarray(half, dtype=np.float32)).mean()) / max(float(high - low), 1.0))
    return median(found) if found else 1.0


_MOST_TILT, _STEP = 6.0, 0.25  # degrees


def _straight(image: "Image.Image") -> "Image.Image":
    """A page scanned at a slant, turned so that its lines are level: where the rows' ink is most uneven."""
    import numpy as np
    from PIL import Image, ImageOps

    small = ImageOps.autocontrast(image.convert("L"))
    small.thumbnail((800, 800))
    grey = np.asarray(small, dtype=np.float32)
    if min(grey.shape) < 40:
        return image
    step = np.abs(np.diff(grey, axis=0))  # edges: shadows and paper colour do not count
    ink = Image.fromarray(np.where(step > max(24.0, float(step.mean() + 2 * step.std())), 255, 0).astype(np.uint8))

    def unevenness(angle: float) -> float:
        rows = np.asarray(ink.rotate(angle), dtype=np.float32).sum(axis=1)
        return float(np.square(np.diff(rows)).sum())

    count = int(_MOST_TILT / _STEP)
    angles = [number * _STEP for number in range(-count, count + 1)]
    best = max(angles, key=lambda angle: (unevenness(angle), -abs(angle)))
    if math.isclose(best, 0.0) or abs(best) >= _MOST_TILT or unevenness(best) < 1.15 * unevenness(0.0):
        return image
    return image.rotate(best, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)
