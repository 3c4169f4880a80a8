"""Fine-tuning the heads over the embedded model: one resumable command a task."""
