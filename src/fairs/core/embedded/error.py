"""The one error of the embedded database, and what it says while it works."""

import sys


class EmbeddedError(Exception):
    """The embedded database cannot run. The message is a whole sentence that says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def report(text: str) -> None:
    """Tell the person at the terminal; standard output stays free for the command's own result."""
    print(f"fairs: {text}", file=sys.stderr, flush=True)
