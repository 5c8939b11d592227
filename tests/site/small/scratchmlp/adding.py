"""How numbers are added."""


def add(x: float, y: float) -> float:
    """The sum of x and y."""
    return x + y
