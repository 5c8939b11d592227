"""How far a sum of floats is off."""

QUESTION = "How far is a sum of floats off?"
CONDITIONS = "ten summands, three seeds"
SEEDS = range(3)
SETTINGS = {"summands": 10}
DERIVED = {"twice": "2 * [off]"}
TOLERANCE: dict[str, float] = {}


def run(seed: int) -> dict[str, float]:
    """A difference that grows with the seed."""
    return {"off": 0.125 * (seed + 1)}
