"""Years of schooling: what ``education.toml`` holds."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from relapse_risk.policy.model import PolicyModel

__all__ = ["EducationFile"]


class EducationFile(PolicyModel):
    """The years of schooling that each step of education stands for."""

    years: Mapping[str, Annotated[float, Field(ge=0)]]
