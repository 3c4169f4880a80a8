"""WordPiece with every step of its work visible; needs no torch."""
