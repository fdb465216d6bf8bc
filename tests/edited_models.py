"""Models of data files with another value somewhere in them."""

from typing import TypeVar

from relapse_risk.policy import PolicyModel, validated

Model = TypeVar("Model", bound=PolicyModel)


def edited(model: Model, key: str, value: object) -> Model:
    """Return a model with another value under a key with dots, held against what is allowed as a file is."""
    tree = model.model_dump(by_alias=True, exclude_unset=True)
    *tables, last = key.split(".")
    table = tree
    for name in tables:
        table = table[name]
    table[last] = value
    return validated(type(model), tree, "edited.toml")
