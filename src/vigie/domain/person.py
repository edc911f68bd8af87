"""Somebody who may sign in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """`password_hash` is a salted hash of the interface's choosing, never the password; `language` is `en` or `fr`."""

    name: str
    password_hash: str
    language: str = "en"
