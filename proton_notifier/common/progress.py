"""The progress bar below the output of a command."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn


def bar(console: Console) -> Progress:
    """Make a bar that is shown only in a terminal, and removed at the end.

    No thread redraws it: while a function of the local cloud runs, the output of this process is the function's log.
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
