"""Fine-tuned tasks over one encoder: low-rank adapters and their heads."""
