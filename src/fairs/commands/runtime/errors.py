"""Errors of commands: one sentence instead of a stack trace."""

from typing import Any

import click


class Problem(click.ClickException):
    """A sentence for the person at the keyboard."""

    def show(self, file: Any = None) -> None:
        click.echo(f"fairs: {one_line(self.message)}", err=True)


def one_line(text: object) -> str:
    """What a driver or a system call said, on one line."""
    return " ".join(str(text).split())


def because(error: BaseException) -> str:
    """An error in one line; its name when it says nothing."""
    return one_line(error) or type(error).__name__
