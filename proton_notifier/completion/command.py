"""`notifier completion`: print what makes a shell complete command lines."""

from argparse import Namespace

from argcomplete.shell_integration import shellcode


def run(arguments: Namespace) -> int:
    """Print the code for the shell."""
    print(shellcode(["notifier"], shell=arguments.shell))
    return 0
