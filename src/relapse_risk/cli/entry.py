"""The command line: arguments in, an exit code out, whatever happens one line at most on the error stream."""

import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from relapse_risk.cli.commands import Verbs
from relapse_risk.cli.words import chosen_language
from relapse_risk.errors import InputError, RelapseRiskError
from relapse_risk.policy import word

__all__ = ["main", "run"]

DONE, OURS, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


def main() -> NoReturn:
    """Run the command line on the arguments of this process and end it with the exit code."""
    signal.signal(signal.SIGTERM, _interrupt)  # so that being told to stop cleans up like Ctrl-C
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Chinese shows marks, not a failure
    sys.exit(run(sys.argv[1:]))


def run(args: Sequence[str]) -> int:
    """Run the command line on arguments and return the exit code.

    0 done; 1 an error of ours; 2 unusable input or arguments; 130 interrupted. Errors are one line in the user's
    language on the error stream.
    """
    lang = chosen_language(args)
    try:
        Verbs(lang).main(list(args) or ["--help"], prog_name="relapse-risk", standalone_mode=False)
    except RelapseRiskError as error:
        return _fail(error.in_language(lang), UNUSABLE)
    except click.ClickException as error:
        return _fail(_ours(error).in_language(lang), UNUSABLE)
    except (click.Abort, KeyboardInterrupt):
        return _fail(word("cli", "interrupted", lang), INTERRUPTED)
    except Exception as error:  # the last line of defence: no traceback reaches a user
        return _fail(word("cli", "our_error", lang, what=_what(error)), OURS)
    return DONE


def _interrupt(_: int, __: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _fail(line: str, code: int) -> int:
    click.echo(" ".join(line.split()), err=True)
    return code


def _ours(error: click.ClickException) -> InputError:
    """Return what click complains of as an error of ours, so that it is said in the user's language."""
    if isinstance(error, click.NoSuchOption):
        return InputError("cli_no_option", found=error.option_name)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return InputError("cli_missing", name=error.param.metavar if _is_argument(error.param) else error.param.opts[0])
    if isinstance(error, click.BadOptionUsage):
        return InputError("cli_option_value", name=error.option_name)
    return InputError("cli_usage")


def _is_argument(param: click.Parameter) -> bool:
    return isinstance(param, click.Argument)


def _what(error: Exception) -> str:
    """Return the kind of an error and where it arose: never its text, which may quote a record."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "relapse_risk" in Path(frame.filename).parts]
    where = f"{Path(ours[-1].filename).stem}:{ours[-1].lineno}" if ours else "-"
    system = f" ({error.strerror})" if isinstance(error, OSError) else ""
    return f"{type(error).__name__}{system}, {where}"
