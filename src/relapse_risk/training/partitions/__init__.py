"""Training on counties that are read one by one: what is fitted are the rows of all, fewer of those that stayed."""

from relapse_risk.training.partitions.county_bounds import CountyBounds, CountyReading, plan_of
from relapse_risk.training.partitions.county_rows import CountyRows
from relapse_risk.training.partitions.train_partitions import (
    PartitionedTraining,
    TrainPartitionsRequest,
    train_partitions,
)

__all__ = [
    "CountyBounds",
    "CountyReading",
    "CountyRows",
    "PartitionedTraining",
    "TrainPartitionsRequest",
    "plan_of",
    "train_partitions",
]
