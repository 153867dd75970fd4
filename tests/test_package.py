"""What is installed is what is declared: dependencies, pins, and the files inside the wheel."""

import ast
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NOT_IMPORTED = {"polars"}  # fastexcel hands out its frames


def plain(name: str) -> str:
    return name.lower().replace("_", "-")


def names(requirements: list[str]) -> set[str]:
    from packaging.requirements import Requirement

    return {plain(Requirement(text).name) for text in requirements}


APART = {"mlflow", "ray"}  # modules of extras that tests do without


def imported() -> set[str]:
    """The distributions whose modules src imports, at whatever depth."""
    owners = metadata.packages_distributions()
    found = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                modules = [node.module or ""]
            else:
                continue
            for module in modules:
                top = module.split(".")[0]
                if top not in {*sys.stdlib_module_names, "streamlens", *APART}:
                    assert top in owners, f"{path.relative_to(ROOT)} imports {top}, which is not installed"
                    found.add(plain(owners[top][0]))
    return found


def test_dependencies_are_what_the_code_imports() -> None:
    declared = names(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["link"])
    assert {"ray", "mlflow"} <= set(PROJECT["optional-dependencies"])
    assert imported() - declared == set(), "imported but not declared in pyproject.toml"
    assert declared - imported() - NOT_IMPORTED == set(), "declared in pyproject.toml but not imported"


def test_everything_that_gets_installed_is_pinned() -> None:
    from packaging.requirements import Requirement

    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [Requirement(line.split("  #")[0]) for line in lines if line and not line.startswith("#")]
    assert all([spec.operator for spec in pin.specifier] == ["=="] for pin in pins)
    pinned = {plain(pin.name) for pin in pins}
    extras = PROJECT["optional-dependencies"]
    assert {f"{PROJECT['name']}[{extra}]" for extra in ("link", "team")} <= set(extras["dev"])
    wanted = names(PROJECT["dependencies"] + extras["dev"] + extras["link"] + extras["team"]) - {PROJECT["name"]}
    todo, seen = wanted | {"setuptools"}, set[str]()
    while todo:
        name = todo.pop()
        seen.add(name)
        for text in metadata.requires(name) or []:
            requirement = Requirement(text)
            if not requirement.marker or requirement.marker.evaluate({"extra": ""}):
                todo |= {plain(requirement.name)} - seen
    assert seen - pinned == set(), "not in constraints.txt"
    assert not {name for name in seen if name.startswith(("torch", "nvidia"))}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_what_ships_and_nothing_else(wheel: Path) -> None:
    assert wheel.name.startswith("streamlens_audit-")
    members = zipfile.ZipFile(wheel).namelist()
    for folder in ("configs", "models", "demo"):
        shipped = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}
        packed = {name.removeprefix("streamlens/_data/") for name in members if f"/_data/{folder}/" in name}
        assert packed == shipped
    assert {name.split("/")[0] for name in members} == {"streamlens", wheel.name.rsplit("-", 3)[0] + ".dist-info"}
    assert not [name for name in members if "gold.json" in name or name.endswith(".pyc")]


def test_the_installed_package_finds_what_ships(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = "from streamlens.shipped import shipped; print(shipped('models/whisper.toml'), shipped('configs/rules'))"
    environment = {"PYTHONPATH": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    )
    data = tmp_path / "streamlens" / "_data"
    assert result.stdout.split() == [str(data / "models" / "whisper.toml"), str(data / "configs" / "rules")]
