"""`notifier completion`: print the code for a shell that completes command lines."""

from argparse import Namespace

from argcomplete.shell_integration import shellcode


def run(arguments: Namespace) -> int:
    """Print the code for the shell."""
    print(shellcode(["notifier"], shell=arguments.shell))
    return 0
