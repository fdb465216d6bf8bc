"""The bundle that training saves and scoring loads: one file, checked whole before anything is built from it."""

from relapse_risk.bundle.archive import is_bundle_file, read_archive, write_archive
from relapse_risk.bundle.bundle import Bundle, read_bundle
from relapse_risk.bundle.codec import decode, encode
from relapse_risk.bundle.origin import Adaptation, Origin, versions_in_use
from relapse_risk.bundle.rule_bundle import rule_bundle

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
