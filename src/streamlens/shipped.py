"""What ships with streamlens: where its files lie (`configs`, `models`, `demo`), and which release this is."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """The path of a shipped file or folder, as `configs/rules`: in the package when installed, else in the checkout."""
    installed = _PACKAGE / "_data" / name
    return installed if installed.exists() else _PACKAGE.parents[1] / name


def release() -> str:
    """The version as installed; a checkout that is not has none."""
    try:
        return version("streamlens-audit")
    except PackageNotFoundError:
        return "0+unknown"
