"""What can go wrong, as a small tree: every message names the file, row or second, and what to do about it."""

_LONGEST = 400  # characters of each part of a message


class StreamlensError(Exception):
    """Something the user can mend. Shown as one line; ends the recording it concerns, never the batch.

    `where` names the file (and row, field or second), `what` the trouble, `do` the next step.
    """

    code = "error"

    def __init__(self, where: str, what: str, do: str = "") -> None:
        super().__init__(where, what, do)
        self.where, self.what, self.do = where, what, do

    def __str__(self) -> str:
        where, what = _shortened(self.where), _shortened(self.what)
        line = f"{where}: {what}" if where else what
        return " ".join(f"{line}; {self.do}".split()) if self.do else " ".join(line.split())


def _shortened(text: str) -> str:
    """A cell or key of a broken file may be as long as the file: a message shows its two ends."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}…{text[-_LONGEST // 2 :]}"


class InputError(StreamlensError):
    """A file of the user's that cannot be read as what it should be: recording, catalogue, papers, transcript."""

    code = "input"


class RuleError(StreamlensError):
    """A rule pack, word list or law table that does not load."""

    code = "rule"


class ModelError(StreamlensError):
    """A model that is missing, damaged or not what its hash says."""

    code = "model"


class StoreError(StreamlensError):
    """The workspace cannot be written or read: disk full, no permission, locked."""

    code = "store"
