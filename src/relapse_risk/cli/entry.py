"""The command line: arguments in, an exit code out, whatever happens one line at most on the error stream."""

import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from relapse_risk.cli.commands import Verbs
from relapse_risk.cli.interrupts import INTERRUPTED, interrupted
from relapse_risk.cli.language import chosen_language
from relapse_risk.errors import InputError, RelapseRiskError
from relapse_risk.policy import Texts

__all__ = ["in_process", "run"]

DONE, OURS, UNUSABLE = 0, 1, 2
_DENIED = "(os error 13)"  # in the words of libraries that keep no kind of error

# A line for each gap, or sheet that was not read; all else is one line, whatever a name holds.
_LINE_BY_LINE = ("input_gaps", "nothing_readable", "table_needed")


def in_process() -> int:
    """Run the command line on the arguments of this process and return the exit code."""
    sys.unraisablehook = lambda _: None  # what fails while objects go has been told, or matters no more
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Chinese shows marks, not a failure
    return run(sys.argv[1:])


def run(args: Sequence[str]) -> int:
    """Run the command line on arguments and return the exit code.

    0 done; 1 an error of the program; 2 unusable input or arguments; 3 done in part, as some counties could not be read
    or scored; 130 interrupted. Errors are one line (in part: one for each county) in the user's language on the error
    stream.
    """
    lang = chosen_language(args)
    try:
        verbs = Verbs(Texts(lang))
        with verbs.make_context("relapse-risk", list(args) or ["--help"]) as context:
            verbs.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except RelapseRiskError as error:
        said = (_no_permission(error) or error).in_language(lang)
        return _fail(*(said.splitlines() if error.code in _LINE_BY_LINE else [said]), code=UNUSABLE)
    except PermissionError as error:
        return _fail(InputError("no_permission", path=error.filename or "-").in_language(lang), code=UNUSABLE)
    except click.ClickException as error:
        return _fail(_ours(error).in_language(lang), code=UNUSABLE)
    except KeyboardInterrupt as stop:
        return _fail(interrupted(lang, stop), code=INTERRUPTED)
    except Exception as error:  # the last line of defence: no traceback reaches a user
        return _fail(Texts(lang)("cli", "our_error", what=_what(error)), code=OURS)
    return DONE


def _fail(*lines: str, code: int) -> int:
    with suppress(OSError):  # where even the error stream cannot be written the code is all there is to say
        for line in lines:
            click.echo(" ".join(line.split()), err=True)
    return code


def _no_permission(error: RelapseRiskError) -> InputError | None:
    """Return what is said of an input that may not be read, whatever the room that met it made of that."""
    cause = error.__cause__
    if error.code.startswith("out_") or not (isinstance(cause, PermissionError) or _DENIED in str(cause)):
        return None
    return InputError("no_permission", path=getattr(cause, "filename", None) or error.details.get("source", "-"))


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
    own_frames = [frame for frame in frames if "relapse_risk" in Path(frame.filename).parts]
    where = f"{Path(own_frames[-1].filename).stem}:{own_frames[-1].lineno}" if own_frames else "-"
    system = f" ({error.strerror})" if isinstance(error, OSError) else ""
    return f"{type(error).__name__}{system}, {where}"
