"""The embedded database's only error, and its progress messages."""

import sys


class EmbeddedError(Exception):
    """The embedded database cannot run. The message is a full sentence that says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def report(text: str) -> None:
    """Show a message on the terminal; standard output stays free for the command's own result."""
    print(f"fairs: {text}", file=sys.stderr, flush=True)
