"""The statistics libraries, which are installed only where sales are looked at."""

from contextlib import AbstractContextManager
from importlib.util import find_spec
from typing import Any

from streamlens.errors import StreamlensError

NEEDED = ("sklearn", "scipy", "statsmodels", "doubleml", "skops")
INSTALL = "pip install 'streamlens-audit[link]'"


def missing() -> list[str]:
    """Those that are not installed."""
    return [name for name in NEEDED if find_spec(name) is None]


def needs_link() -> None:
    """Raises StreamlensError, with the command that installs it, where the extra `link` is missing."""
    if absent := missing():
        raise StreamlensError("", f"statistics need {', '.join(absent)}", f"install them with: {INSTALL}")


def one_thread() -> AbstractContextManager[Any]:
    """Linear algebra and trees on one thread each: small matrices are slower on several, and sums of floats differ."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(1)
    return limits
