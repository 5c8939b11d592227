"""One file per question: ``record()`` measures, slowly and seeded; ``FIGURES`` draws what was recorded, fast.

An experiment's result is ``results/<name>.json``, or another recorded file that it names as ``SOURCE``.
"""
