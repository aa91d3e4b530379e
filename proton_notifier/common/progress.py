"""Bars of progress below what a command prints."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn


def bars(console: Console) -> Progress:
    """Make bars that show in a terminal only, and leave nothing behind.

    No thread redraws them: while a function of the local cloud runs, what this process prints is the function's log.
    """
    return Progress(
        TextColumn("{task.description:<20}"),
        BarColumn(),
        MofNCompleteColumn(),
        auto_refresh=False,
        console=console,
        disable=not console.is_terminal,
        redirect_stderr=False,
        redirect_stdout=False,
        transient=True,
    )
