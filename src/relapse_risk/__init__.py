"""Which households are about to fall back into poverty, how likely, why, and what can be done, in time to prevent it."""
