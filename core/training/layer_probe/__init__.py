"""Which layer serves a tagger best: measured on frozen vectors of the embedded model."""
