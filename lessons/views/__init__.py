"""All heads at once: every head's weights, one head opened, averages and rollout."""
