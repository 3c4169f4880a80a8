"""Work that a learner starts and watches: bounded jobs in worker processes, and the training."""
