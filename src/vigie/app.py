"""Composition root, read first: builds the program from its parts and starts the command line."""


def main() -> None:
    """Run the command line."""
    raise SystemExit(2)
