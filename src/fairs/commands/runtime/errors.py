"""Errors of commands: one sentence instead of a stack trace."""

from typing import Any

import click


class Problem(click.ClickException):
    """An error message for the command line."""

    def show(self, file: Any = None) -> None:
        click.echo(f"fairs: {one_line(self.message)}", err=True)


def one_line(text: object) -> str:
    """The message of a driver or a system call, on one line."""
    return " ".join(str(text).split())


def because(error: BaseException) -> str:
    """An error in one line; its class name when it has no text."""
    return one_line(error) or type(error).__name__
