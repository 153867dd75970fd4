"""The statistics libraries, which are installed only where sales are looked at."""

from importlib.util import find_spec

from streamlens.errors import StreamlensError

NEEDED = ("sklearn", "scipy", "statsmodels", "doubleml", "skops")


def needs_link() -> None:
    """Raises StreamlensError, with the command that installs it, where the extra `link` is missing."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise StreamlensError(
            "", f"statistics need {', '.join(missing)}", "install them with: pip install 'streamlens-audit[link]'"
        )
