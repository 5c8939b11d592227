"""The multilayer perceptron from scratch, in NumPy alone: small enough to be read whole, every gradient checked."""
