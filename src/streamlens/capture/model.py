"""The recognisers: which there are, where they lie, how they are made ready and told apart.

models/whisper.toml names every file of every known model with its size and sha256, so it does not matter whence a file
comes. A model is made ready beside its final folder and moved there whole: the cache never holds half a model.
"""

import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from streamlens.capture.model_sources import (
    Model,
    Progress,
    Unavailable,
    from_folder,
    from_hub,
    from_packages,
    hub_cache,
    known_models,
)
from streamlens.errors import ModelError

_RECORD = "streamlens.json"  # in a fetched model's folder: size, time and hash of each file as they were checked
_LOADED = (
    "config.json",
    "model.bin",
    "preprocessor_config.json",
    "tokenizer.json",
    "vocabulary.json",
    "vocabulary.txt",
)
_ENGLISH_ONLY = 51864  # tokens; multilingual models have one or two more
_log = logging.getLogger(__name__)


class ModelStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A model that can be had: `path` is its folder when it is ready, else `problem` says why not. `size` in bytes."""

    name: str
    size: int
    languages: int
    licence: str
    source: str
    path: Path | None
    problem: str


def cache_folder() -> Path:
    """Where models are kept: $STREAMLENS_MODELS, else streamlens/models in the user's cache folder."""
    if chosen := os.environ.get("STREAMLENS_MODELS"):
        return Path(chosen).expanduser()
    xdg = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (xdg if xdg.is_absolute() else Path.home() / ".cache") / "streamlens" / "models"


def list_models() -> tuple[ModelStatus, ...]:
    """All known models, the ready ones with their folder. Only sizes are compared; `fetch` compares hashes."""
    rows = []
    for name, model in known_models().models.items():
        folder = cache_folder() / name
        problem = _incomplete(folder, model)
        rows.append(
            ModelStatus(
                name=name,
                size=model.size,
                languages=model.languages,
                licence=model.licence,
                source=model.repository,
                path=None if problem else folder,
                problem=problem,
            )
        )
    return tuple(rows)


def find(name: str = "auto", *, folders: Sequence[Path] = ()) -> Path:
    """The folder of a model: a known name, a folder of the user's, or `auto` for the best that is present.

    Known models are looked for in `folders`, then in the cache. ModelError, with the command to run, where none is.
    """
    known = known_models()
    places = (*folders, cache_folder())
    if name == "auto" or name in known.models:
        names = (known.auto.gpu if _has_gpu() else known.auto.cpu) if name == "auto" else (name,)
        for candidate in names:
            for place in places:
                if not _incomplete(place / candidate, known.models[candidate]):
                    return place / candidate
        if name == "auto":
            raise ModelError(str(places[-1]), "no Whisper model is there", "run: streamlens models fetch base")
        problem = _incomplete(places[-1] / name, known.models[name])
        raise ModelError(str(places[-1]), f"Whisper {name}: {problem}", f"run: streamlens models fetch {name}")
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise ModelError(name, "neither a known model nor a folder", f"known are: {', '.join(known.models)}, auto")
    _check_folder(folder)
    return folder


def fetch(name: str, *, source: Path | None = None, progress: Progress | None = None) -> Path:
    """Brings a known model into the cache and returns its folder; one that is there and whole is not fetched again.

    With `source`, a folder that holds the model (or a folder of models), nothing else is tried. Without it: what the
    hub client has kept, the hub (HF_ENDPOINT, HF_HUB_OFFLINE and HF_TOKEN are heeded), the model's packages.
    ModelError when no source has it, a hash is wrong or the cache cannot be written; the cache is then as before.
    """
    from filelock import FileLock

    model, cache = known_models().get(name), cache_folder()
    target = cache / name
    try:
        if not _damage(target, model):  # before the lock: the cache may be another's, and read-only
            return target
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / f".{name}.lock"):
            if not _damage(target, model):
                return target
            into = cache / f".{name}.part"
            try:
                _fill(into, name, model, source, progress or (lambda _what, _done, _total: None))
                _finish(into, model)
                if target.exists():
                    shutil.rmtree(target)
                into.rename(target)
            finally:
                shutil.rmtree(into, ignore_errors=True)
    except OSError as err:
        room = f"make room for {2 * model.size / 1e6:.0f} MB there, or set STREAMLENS_MODELS to another folder"
        raise ModelError(str(cache), f"Whisper {name} cannot be kept there ({err.strerror or err})", room) from err
    return target


def model_digest(path: Path) -> str:
    """Tells models apart: a sha256 over the names and hashes of the files in a model's folder.

    Cheap for fetched models, whose hashes are on record as long as size and time of the files stay the same; other
    folders are read through (about a second for each GB or two).
    """
    recorded = _recorded(path)
    lines = [f"{name} {recorded.get(name) or _sha256(path / name)}" for name in _LOADED if (path / name).is_file()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _fill(into: Path, name: str, model: Model, source: Path | None, report: Progress) -> None:
    """Has the sources tried in order until one gives the right files."""
    attempts: list[tuple[str, Callable[[], None]]]
    if source:
        attempts = [(str(source), lambda: from_folder(into, name, model, source))]
    else:
        attempts = [
            ("the hub's cache", lambda: from_folder(into, name, model, hub_cache())),
            ("the model hub", lambda: from_hub(into, model, report)),
        ]
        if packages := model.packages:
            attempts.append(("its Python packages", lambda: from_packages(into, model, packages, report)))
    reasons = []
    for origin, attempt in attempts:
        try:
            shutil.rmtree(into, ignore_errors=True)  # of the source before, or of a fetch that was killed
            into.mkdir()
            attempt()
            problem = _damage(into, model)
            if problem and origin == "the hub's cache":  # another program's: not worth stopping for
                raise Unavailable(problem)
        except Unavailable as err:
            reasons.append(f"{origin}: {err}")
            if origin == "the model hub" and origin != attempts[-1][0]:
                _log.warning("Whisper %s: the model hub is not reached (%s), trying %s", name, err, attempts[-1][0])
            continue
        if problem:
            do = "fetch it again; if it stays so, take it from elsewhere with --from DIR"
            raise ModelError(f"Whisper {name} from {origin}", f"{problem}; nothing was kept", do)
        return
    do = "give another folder" if source else "set HF_ENDPOINT to a mirror of the hub, or give a folder with --from DIR"
    raise ModelError(f"Whisper {name}", f"could not be fetched ({'; '.join(reasons)})", do)


def _finish(folder: Path, model: Model) -> None:
    """Removes what the sources left beside the files, and puts the checked hashes on record."""
    names = {file.name for file in model.files}
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in names:
            path.unlink()
    stats = {file: (folder / file.name).stat() for file in model.files}
    rows = {file.name: (stat.st_size, stat.st_mtime_ns, file.sha256) for file, stat in stats.items()}
    (folder / _RECORD).write_bytes(msgspec.json.encode(rows))


def _recorded(folder: Path) -> dict[str, str]:
    """The hashes on record of the files that have not been touched since."""
    try:
        rows = msgspec.json.decode((folder / _RECORD).read_bytes(), type=dict[str, tuple[int, int, str]])
        stats = {name: (folder / name).stat() for name in rows}
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}
    same = {name: (stat.st_size, stat.st_mtime_ns) for name, stat in stats.items()}
    return {name: sha256 for name, (size, mtime_ns, sha256) in rows.items() if same[name] == (size, mtime_ns)}


def _incomplete(folder: Path, model: Model) -> str:
    """What is missing or of a wrong size; an empty text when nothing is."""
    if not folder.is_dir():
        return "not fetched"
    for file in model.files:
        path = folder / file.name
        if not path.is_file():
            return f"{file.name} is missing"
        if (size := path.stat().st_size) != file.size:
            return f"{file.name} has {size} bytes, expected {file.size}"
    return ""


def _damage(folder: Path, model: Model) -> str:
    """As `_incomplete`, hashes compared too."""
    if problem := _incomplete(folder, model):
        return problem
    for file in model.files:
        if (got := _sha256(folder / file.name)) != file.sha256:
            return f"{file.name} has sha256 {got}, expected {file.sha256}"
    return ""


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_folder(folder: Path) -> None:
    """Refuses a folder of the user's that is no multilingual Whisper model for CTranslate2."""
    convert = "convert the model with ct2-transformers-converter, or take one of: streamlens models list"
    for name in ("model.bin", "config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise ModelError(str(folder), f"no Whisper model for CTranslate2: it holds no {name}", convert)
    with (folder / "model.bin").open("rb") as file:
        if b"WhisperSpec" not in file.read(32):  # the name of the model's kind follows a number and a length
            raise ModelError(str(folder / "model.bin"), "not a Whisper model for CTranslate2", convert)
    if (folder / "vocabulary.json").is_file():
        tokens = len(msgspec.json.decode((folder / "vocabulary.json").read_bytes(), type=list[str]))
    elif (folder / "vocabulary.txt").is_file():
        tokens = (folder / "vocabulary.txt").read_bytes().count(b"\n")
    else:
        raise ModelError(str(folder), "no Whisper model for CTranslate2: it holds no vocabulary", convert)
    if tokens <= _ENGLISH_ONLY:
        raise ModelError(str(folder), "an English-only model, which hears no Chinese", "take a multilingual one")


def _has_gpu() -> bool:
    import ctranslate2

    return bool(ctranslate2.get_cuda_device_count() > 0)
