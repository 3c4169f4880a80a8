"""What one visitor's training may cost a server that a whole class uses."""

from core.vectors.live import Training

CHUNK = 0.2  # seconds of CPU between two pictures
MOST_UPDATES = 300_000  # about five seconds of CPU in all
LEAST_PASSES = 5


def most_passes(training: Training, asked: int) -> int:
    """Passes over the text that a training may take: as many as asked, fewer for a long text."""
    return min(asked, max(LEAST_PASSES, MOST_UPDATES // len(training.examples)))
