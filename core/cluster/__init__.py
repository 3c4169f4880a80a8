"""The engine on a Ray Serve cluster. Only these files import ray, which is an extra."""
