"""Which checkpoints there are, and how one is found and read."""
