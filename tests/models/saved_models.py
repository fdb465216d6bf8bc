"""Fitted models as they are saved, and read again."""

import json

from relapse_risk.bundle import decode, encode
from relapse_risk.models import EstimatorState, from_state, to_state


def saved(model):
    """Return the JSON data and the LightGBM texts a model is saved as."""
    content, texts = encode(EstimatorState, to_state(model))
    return json.loads(content), texts


def read(data, texts):
    """Return the model that was saved as JSON data and texts."""
    return from_state(decode(EstimatorState, as_content(data), texts))


def read_part(kind, data, texts=None):
    """Return a fitted part of a declared type that was saved as JSON data and texts."""
    return decode(kind, as_content(data), texts)


def as_content(data):
    """Return JSON data in the form bundles have it, also where it is none that a bundle would hold."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1).encode()
