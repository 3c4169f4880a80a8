"""One forward pass with everything inside it kept, and the same in plain NumPy."""
