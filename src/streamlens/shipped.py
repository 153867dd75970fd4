"""Where the files that ship with streamlens lie: `configs`, `models`, `demo`."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """The path of a shipped file or folder, as `configs/rules`: in the package when installed, else in the checkout."""
    installed = _PACKAGE / "_data" / name
    return installed if installed.exists() else _PACKAGE.parents[1] / name
