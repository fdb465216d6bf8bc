"""Counties scored one by one, in bounded memory, and listed as one whole."""

from relapse_risk.scoring.partitions.pooled_listing import PooledListing, pool_counties
from relapse_risk.scoring.partitions.score_partitions import PartitionedScores, PartitionsRequest, score_partitions

__all__ = ["PartitionedScores", "PartitionsRequest", "PooledListing", "pool_counties", "score_partitions"]
