"""One file per question: ``run(seed)`` gives raw values, ``DERIVED`` what is computed from them on reading."""
