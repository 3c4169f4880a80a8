"""How busy an engine is, as one snapshot a model."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """waiting, running : requests in the queue and in the batch under way; askers : different
    sessions among them
    served, refused : requests answered, and those told that the server is busy, since the start
    batches : run since the start; forward_passes : texts that went through the model in them
    seconds : from asking to the answer, of the last few hundred requests
    """

    waiting: int = 0
    running: int = 0
    askers: int = 0
    served: int = 0
    refused: int = 0
    batches: int = 0
    forward_passes: int = 0
    seconds: tuple[float, ...] = ()

    @property
    def mean_batch(self) -> float:
        """Requests a batch."""
        return self.served / self.batches if self.batches else 0.0
