"""Training speed side by side with the peers: ours, scikit-learn, PyTorch where it is installed, and the floor."""
