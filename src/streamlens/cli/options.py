"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Lang = Annotated[Literal["zh", "en"], typer.Option(help="Language of the reports.")]
Workspace = Annotated[Path, typer.Option(help="Where results are kept, and found again by the next run.")]
Model = Annotated[str, typer.Option(help="A model's name, a folder that holds one, or auto: the best that is present.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 if a claim is forbidden, disproved or unproven.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but what went wrong.")]
Config = Annotated[Path | None, typer.Option(help="A TOML file of options that differ from configs/default.toml.")]
Rules = Annotated[Path | None, typer.Option(help="A folder of rules, instead of those that ship with streamlens.")]
OnScreen = Annotated[bool, typer.Option("--screen/--no-screen", help="Read also what stands on screen.")]
Jobs = Annotated[int, typer.Option(min=1, help="Recordings at a time, each in a process with a model of its own.")]

DATABASE = "STREAMLENS_DATABASE"  # the environment variable that names a team's database of decisions
