"""The bundle that training saves and scoring loads: one file, checked whole before anything is built from it."""

from typing import TYPE_CHECKING

from relapse_risk.bundle.rule_bundle import rule_bundle
from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.bundle.archive import is_bundle_file, read_archive, write_archive
    from relapse_risk.bundle.bundle import Bundle, read_bundle
    from relapse_risk.bundle.codec import decode, encode
    from relapse_risk.bundle.origin import Adaptation, Origin, versions_in_use
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "Adaptation",
    "Bundle",
    "Origin",
    "decode",
    "encode",
    "is_bundle_file",
    "read_archive",
    "read_bundle",
    "rule_bundle",
    "versions_in_use",
    "write_archive",
]
