"""How likely a sentence is to claim something of a kind, whatever its words: two small models trained on our own text.

The encoder (multilingual-e5-small, fine-tuned, ONNX int8) knows words that it was not shown; character n-grams are the
baseline that stands beside it, and the fallback where the encoder's files are missing. scripts/train_implied.py makes
both, models/implied/README.md says from what and how well they do.

Texts are in the form of language.spoken with all breaks soft (`plain`). Scores are probabilities, one a label.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ..errors import ModelError
from ..language import HARD, SOFT, spoken
from ..schema import Record

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

ENCODER = "encoder.onnx"
TOKENIZER = "tokenizer.json"
NGRAMS = "ngrams.json"
HEAD = "encoder.json"
# Log odds by which the encoder may be surer than the n-grams: by 8.1 at most in the 1,024 of 11,600 windows, written or
# said, that both together take for health with a probability of 0.9.
APART = 8.25
AGAIN = "install streamlens again"

Model = TypeVar("Model", bound=Record)


class Ngrams(Record, frozen=True, kw_only=True):
    """Logistic regressions over TF-IDF of character n-grams, as scikit-learn's TfidfVectorizer(sublinear_tf=True) does.

    `grams` in the order of the columns of `idf` [grams] (float32) and `weight`
    [labels, grams] (float16), little-endian.
    """

    labels: tuple[str, ...]
    longest: int
    grams: tuple[str, ...]
    idf: bytes
    weight: bytes
    bias: tuple[float, ...]


class Head(Record, frozen=True, kw_only=True):
    """What belongs to the encoder besides its weights. `share` is its part in the mean of both models' log odds."""

    labels: tuple[str, ...]
    most_tokens: int
    share: float
    sha256: str  # of encoder.onnx


def plain(text: str) -> str:
    """A text as both models take it: spoken form, numbers in characters, every break a comma, none at the ends."""
    return spoken(text)[0].replace(HARD, SOFT).strip(SOFT)


class Classifier:
    """Both models of a folder. Nothing is loaded before the first text is scored.

    ModelError when the n-gram model is missing, or when either is damaged.
    """

    def __init__(self, folder: Path, *, encoder: bool = True) -> None:
        self.folder = folder
        self.ngrams, data = _read(folder / NGRAMS, Ngrams)
        self.head: Head | None = None
        self.digest = sha256(data).hexdigest()
        if encoder and (folder / ENCODER).exists():
            self.head, data = _read(folder / HEAD, Head)
            if self.head.labels != self.ngrams.labels:
                raise ModelError(str(folder / HEAD), f"has other labels than {NGRAMS}", AGAIN)
            self.digest = sha256(self.digest.encode() + data).hexdigest()

    @property
    def labels(self) -> tuple[str, ...]:
        return self.ngrams.labels

    def scores(self, texts: Sequence[str]) -> "Floats":
        """Probabilities [texts, labels] of plain texts."""
        return self._scores(texts, None)

    def probabilities(
        self, texts: Sequence[str], labels: Sequence[str] = (), least: float = 0.0
    ) -> tuple[tuple[float, ...], ...]:
        """`scores` as plain numbers.

        Where it only matters whether one of some labels has a probability of at least `least`, the encoder, which
        takes nearly all of the time, is not asked of texts that it would have to judge quite unlike the n-grams.
        """

        if self.head is None or not labels or not 0 < least < 1:
            return tuple(map(tuple, self.scores(texts).tolist()))
        columns = [self.labels.index(label) for label in labels]
        far = math.log(least / (1 - least)) - self.head.share * APART
        return tuple(map(tuple, self._scores(texts, lambda odds: odds[:, columns].max(axis=1) >= far).tolist()))

    def _scores(self, texts: Sequence[str], worth: "Callable[[Floats], Any] | None") -> "Floats":
        """`worth` tells by the n-grams' odds which texts the encoder is asked of; all of them without it."""
        import numpy as np

        odds = self.ngram_odds(texts)
        if self.head is not None and texts:
            asked = np.flatnonzero(worth(odds)).tolist() if worth else list(range(len(texts)))
            heard = self.encoder_odds([texts[number] for number in asked])
            odds[asked] = (1 - self.head.share) * odds[asked] + self.head.share * heard
        return np.asarray(1 / (1 + np.exp(-odds)))

    def ngram_odds(self, texts: Sequence[str]) -> "Floats":
        """Log odds [texts, labels] of the n-gram model."""
        import numpy as np

        column, idf, weight = self._table
        odds = np.tile(np.array(self.ngrams.bias), (len(texts), 1))
        for row, text in enumerate(texts):
            sizes = range(1, self.ngrams.longest + 1)
            counts = Counter(text[at : at + size] for size in sizes for at in range(len(text) - size + 1))
            known = [(column[gram], count) for gram, count in counts.items() if gram in column]
            if known:
                places = [place for place, _ in known]
                values = np.array([1 + math.log(count) for _, count in known]) * idf[places]
                odds[row] += weight[:, places] @ (values / np.linalg.norm(values))
        return odds

    def encoder_odds(self, texts: Sequence[str]) -> "Floats":
        """Log odds [texts, labels] of the encoder, text by text: in a batch, int8 results depend on the others."""
        import numpy as np

        tokenizer, session = self._encoder
        rows = []
        for text in texts:
            ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
            rows.append(session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0])
        return np.array(rows, dtype=np.float64).reshape(len(texts), len(self.labels))

    @cached_property
    def _table(self) -> "tuple[dict[str, int], Floats, Floats]":
        import numpy as np

        model = self.ngrams
        idf, weight = np.frombuffer(model.idf, "<f4"), np.frombuffer(model.weight, "<f2")
        size = len(model.grams)
        if (len(idf), len(weight), len(model.bias)) != (size, size * len(model.labels), len(model.labels)):
            raise ModelError(str(self.folder / NGRAMS), "its tables do not fit one another", AGAIN)
        column = {gram: number for number, gram in enumerate(model.grams)}
        return column, idf.astype(np.float64), weight.reshape(len(model.labels), size).astype(np.float64)

    @cached_property
    def _encoder(self) -> tuple[Any, Any]:
        from onnxruntime import InferenceSession, SessionOptions
        from tokenizers import Tokenizer

        head = self.head
        if head is None:
            raise ModelError(str(self.folder / ENCODER), "is missing", AGAIN)
        path = self.folder / ENCODER
        try:
            data = path.read_bytes()
            if sha256(data).hexdigest() != head.sha256:
                raise ModelError(str(path), f"is not the one that {HEAD} names", AGAIN)
            options = SessionOptions()
            options.intra_op_num_threads = 1  # one sentence is too little to share out
            options.log_severity_level = 3
            session = InferenceSession(data, options, providers=["CPUExecutionProvider"])
            tokenizer = Tokenizer.from_file(str(self.folder / TOKENIZER))
        except ModelError:
            raise
        except Exception as error:  # both libraries raise plain Exceptions
            raise ModelError(str(path), f"cannot be loaded ({error})", AGAIN) from error
        tokenizer.enable_truncation(head.most_tokens)
        return tokenizer, session


def _read(path: Path, kind: type[Model]) -> tuple[Model, bytes]:
    try:
        data = path.read_bytes()
        return msgspec.json.decode(data, type=kind), data
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError(str(path), f"cannot be read ({error})", AGAIN) from error
