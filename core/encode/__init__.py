"""Many texts to vectors: no padding, nothing kept on the way, the fastest numbers that will do."""
