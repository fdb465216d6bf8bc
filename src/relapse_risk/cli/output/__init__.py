"""Where verbs write: whole or not at all, with an account that marks the output as the library's own."""

from relapse_risk.cli.output.account import RUN, sha256_of, write_run
from relapse_risk.cli.output.out import county_folder, next_free, out_files, out_folder

__all__ = ["RUN", "county_folder", "next_free", "out_files", "out_folder", "sha256_of", "write_run"]
