"""How the server is doing: what it counts of itself, and never what anybody typed."""
