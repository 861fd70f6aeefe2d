"""Progress of a command on the terminal."""

import sys

import click


class Steps:
    """Progress of long work: one growing line on a terminal, one line per step elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._open = ""
        self._last = ""

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """`done` of `total` of a step; 0 of 0: a step without counts."""
        if self._open != step:
            self.close()
        self._open, self._last = step, f"{step} {done:,}/{total:,}" if total else self._last or step
        if self._terminal:
            click.echo(f"\r\033[K  {self._last}", nl=False, err=True)

    def close(self) -> None:
        """End the current step."""
        if self._open:
            click.echo("" if self._terminal else f"  {self._last}", err=True)
        self._open = self._last = ""
