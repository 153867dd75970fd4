"""Text in pictures: RapidOCR with the PP-OCRv6 models that lie in its package, so nothing is fetched.

Finding where text stands costs by the size of the picture and is done on a reduced one; reading costs by the line and
is done on the full one, but only once for a line that looks the same as one read before: what is laid over a broadcast
stays for minutes.
"""

from collections import OrderedDict
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from streamlens.errors import ModelError
from streamlens.schema import TextLine

if TYPE_CHECKING:
    from rapidocr import RapidOCR

Image = npt.NDArray[np.uint8]

PACKAGE = "rapidocr"
_TALL = 24  # pixels that a line is scaled to before it is compared with those read before
_LEAST = 8  # pixels: thinner than this, nothing can be read


class Reader:
    """A loaded recogniser of text, for one thread at a time. `keep`: so many lines are remembered."""

    def __init__(self, engine: "RapidOCR", *, keep: int = 1024) -> None:
        self._engine = engine
        self._keep = keep
        self._known: OrderedDict[bytes, tuple[str, float]] = OrderedDict()
        self.lines_read = 0  # by the model, the others were known
        self.lines_known = 0

    def read(self, image: Image) -> tuple[TextLine, ...]:
        """The lines of text in a picture (uint8, height x width x 3, RGB), in reading order. Empty when there are none.

        Boxes are upright, in pixels of `image`; `confidence` is the mean of the characters' probabilities.
        """
        if min(image.shape[:2]) < _LEAST:
            return ()
        picture = np.ascontiguousarray(image[:, :, ::-1])  # the models were trained on BGR
        found: Any = self._engine(picture, use_det=True, use_cls=False, use_rec=False)
        if found.boxes is None:
            return ()
        corners = np.asarray(found.boxes, dtype=np.float32)
        lines = []
        for corner, crop in zip(corners, self._engine.crop_text_regions(picture, corners), strict=True):
            text, confidence = self._line(crop)
            if text:
                (left, top), (right, bottom) = corner.min(axis=0), corner.max(axis=0)
                box = (int(left), int(top), int(right), int(bottom))
                lines.append(TextLine(text=text, box=box, confidence=round(confidence, 3)))
        return _in_order(lines)

    def _line(self, crop: Image) -> tuple[str, float]:
        key = _looks(crop)
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            self.lines_known += 1
            return known
        self.lines_read += 1
        got: Any = self._engine.recognize_txt([crop])
        text, confidence = str(got.txts[0]).strip(), float(got.scores[0])
        self._known[key] = text, confidence
        if len(self._known) > self._keep:
            self._known.popitem(last=False)
        return text, confidence


def load_reader(*, side: int = 640) -> Reader:
    """A reader that remembers nothing yet. ModelError when the package is missing or damaged.

    `side`: pixels of the longer side to which a picture is reduced for finding text; more finds smaller print (a page
    of paper needs about 1600) and costs by its square.
    """
    return Reader(_engine(side))


@cache
def _engine(side: int) -> "RapidOCR":
    """The models (about 30 MB), loaded once a process. What was read is not kept with them: no recording or paper may
    be read differently for what was read before it."""
    try:
        from rapidocr import RapidOCR

        engine = RapidOCR(
            params={
                "Global.log_level": "critical",  # it warns of every picture without text
                "Global.use_cls": False,
                "Global.use_preprocess_img": False,  # it would shrink pictures before reading
                "Det.limit_side_len": side,
                "Det.limit_type": "max",
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,  # more threads double the work, see the docs
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
        engine(np.zeros((32, 32, 3), np.uint8), use_det=True, use_cls=False, use_rec=False)  # it loads when first used
        engine.recognize_txt([np.zeros((32, 32, 3), np.uint8)])
    except Exception as error:
        raise ModelError(PACKAGE, f"cannot be loaded ({error})", f"install it again: pip install {PACKAGE}") from error
    return engine


def reader_version() -> str:
    """What decides which text is read in a picture: the package holds the models too."""
    return f"{PACKAGE} {version(PACKAGE)}"


def _looks(crop: Image) -> bytes:
    """What a line looks like, without what video compression and a moving background change: black and white, small."""
    import cv2

    high, wide = crop.shape[:2]
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (max(1, round(wide * _TALL / high)), _TALL), interpolation=cv2.INTER_AREA)
    _, ink = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return bytes(ink.shape[1].to_bytes(4)) + np.packbits(np.asarray(ink, np.uint8)).tobytes()


def _in_order(lines: list[TextLine]) -> tuple[TextLine, ...]:
    """Row by row from the top, each from the left. Lines share a row whose middles lie within half their height."""
    rows: list[list[TextLine]] = []
    for line in sorted(lines, key=lambda line: line.box[1] + line.box[3]):
        if rows:
            _, top, _, bottom = rows[-1][0].box
            if abs((line.box[1] + line.box[3]) - (top + bottom)) < min(line.box[3] - line.box[1], bottom - top):
                rows[-1].append(line)
                continue
        rows.append([line])
    return tuple(line for row in rows for line in sorted(row, key=lambda line: line.box[0]))
