"""The multilayer perceptron from scratch, in NumPy: small enough to be read whole, every gradient checked."""

__version__ = "0.1.0"
