"""What the text of a code claims, and whether the claim is signed by us. Pure.

The expiry inside a token is for devices that work offline: here the gate's hours decide.
"""

from collections.abc import Mapping

from fairs.badges import tokens


def claim(text: str) -> tuple[bytes, str] | None:
    """The badge's uid and the bare token in a code's text, unverified; None when it is no code of ours."""
    try:
        token = tokens.bare(text)
        return tokens.uid_of(token), token
    except tokens.Malformed:
        return None


def is_genuine(token: str, keys: Mapping[int, bytes]) -> bool:
    """Is the token signed with one of our keys?"""
    try:
        tokens.verify(token, keys)
    except tokens.BadToken:
        return False
    return True
