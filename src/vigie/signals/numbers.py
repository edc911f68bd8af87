"""Numbers as people read them."""


def shown(value: float) -> str:
    """Return four significant digits; large numbers whole."""
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
