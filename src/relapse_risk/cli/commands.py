"""Commands and options that speak the user's language, in help as in errors."""

from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from relapse_risk.cli.interrupts import clean_up_first
from relapse_risk.cli.screen import show
from relapse_risk.databases import is_database
from relapse_risk.errors import LANGUAGES, InputError
from relapse_risk.policy import Texts

__all__ = [
    "VERBS",
    "Verbs",
    "accept_option",
    "argument",
    "file_option",
    "hidden_option",
    "option",
    "policy_options",
    "source_argument",
    "verb",
    "verbs_of",
]

POLICY_FILES = ("aliases", "codes", "lines", "thresholds", "mechanism", "audit", "divisions")

VERBS = (
    *("demo", "synth", "audit", "train", "evaluate", "adapt", "score", "monitor", "visits", "alerts"),
    *("ledger", "household", "inspect", "doctor"),
)


class _Parameter(click.Parameter):
    """A parameter that refuses a value in the user's language, instead of click's English."""

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        try:
            return super().type_cast_value(ctx, value)
        except click.BadParameter as error:
            raise InputError("cli_value", name=self.opts[0], value=value, expected=_expected(self.type)) from error


class _Source(click.Path):
    """A path, or the URL of a database, which is no path."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if is_database(value) else super().convert(value, param, ctx)


class _Option(_Parameter, click.Option):
    def get_help_record(self, ctx: click.Context) -> tuple[str, str]:
        # Without click's own English remarks on defaults and ranges: our wordings say them.
        return ", ".join(self.opts) + (f" {self.metavar}" if self.metavar else ""), self.help or ""


class _Argument(click.Argument):
    def __init__(self, texts: Texts, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.said = texts("cli", f"help_{self.name}")

    def get_help_record(self, ctx: click.Context) -> tuple[str, str]:
        return self.metavar or "", self.said


class _Framed(click.Command):
    """A command whose help page has its frame in the user's language."""

    texts: Texts

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=self.texts("cli", "usage") + " ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = [record for param in self.get_params(ctx) if (record := param.get_help_record(ctx))]
        with formatter.section(self.texts("cli", "options")):
            formatter.write_dl(records)


class _Verb(_Framed):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True
        left = super().parse_args(ctx, args)
        if left:
            raise InputError("cli_too_many", found=" ".join(left), verb=self.name)
        return left


class Verbs(_Framed, click.Group):
    """All verbs; each is imported when it is called, so that asking for help takes no time."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        super().__init__(
            "relapse-risk",
            help=texts("cli", "about"),
            options_metavar=texts("cli", "some_options"),
            subcommand_metavar=texts("cli", "some_verb"),
            add_help_option=False,
        )
        self.params = [_version(texts), *_general(texts)]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the verbs in the order they are used."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import a verb and return its command."""
        if name not in VERBS:
            raise InputError("cli_no_verb", found=name, verbs=", ".join(VERBS))
        made: click.Command = import_module(f"relapse_risk.cli.{name}").command(self.texts)
        return made

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the verbs, without importing them."""
        super().format_options(ctx, formatter)
        with formatter.section(self.texts("cli", "verbs")):
            formatter.write_dl([(name, self.texts("cli", f"verb_{name}")) for name in VERBS])


class _Group(_Framed, click.Group):
    """A verb that has verbs of its own."""

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        made = super().get_command(ctx, name)
        if made is None:
            raise InputError("cli_no_verb", found=name, verbs=", ".join(self.list_commands(ctx)))
        return made

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or ["--help"])

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(self.texts("cli", "verbs")):
            formatter.write_dl([(name, made.help or "") for name, made in self.commands.items()])
        super().format_options(ctx, formatter)


def verbs_of(name: str, texts: Texts, verbs: Iterable[click.Command]) -> click.Group:
    """Return a verb that has verbs of its own."""
    made = _Group(
        name,
        help=texts("cli", f"verb_{name}"),
        commands=list(verbs),
        options_metavar=texts("cli", "some_options"),
        subcommand_metavar=texts("cli", "some_verb"),
        add_help_option=False,
    )
    made.texts, made.params = texts, _general(texts)
    return made


def verb(
    name: str, texts: Texts, run: Callable[..., None], params: Iterable[click.Parameter], *, of: str = ""
) -> click.Command:
    """Return the command of a verb; `run` is called with the parameters by name, and with ``lang`` and ``quiet``.

    `of` is the verb that it belongs to, where it is none of the first level.
    """

    def called(**values: Any) -> None:
        clean_up_first()  # all is imported; what is written from now on must be cleared away
        run(**(values | {"lang": texts.lang}))

    made = _Verb(
        name,
        callback=called,
        help=texts("cli", f"verb_{of}_{name}" if of else f"verb_{name}"),
        options_metavar=texts("cli", "some_options"),
        params=[*params, option(texts, "--quiet", is_flag=True), *_general(texts)],
        add_help_option=False,
    )
    made.texts = texts
    return made


def option(texts: Texts, *flags: str, **settings: Any) -> click.Option:
    """Return an option whose help is the wording ``help_<name>``."""
    made = _Option(list(flags), **settings)
    made.help = texts("cli", f"help_{made.name}")
    return made


def argument(texts: Texts, name: str, metavar: str, **settings: Any) -> click.Argument:
    """Return a positional argument whose help is the wording ``help_<name>``."""
    return _Argument(texts, [name], metavar=metavar, **settings)


def source_argument(texts: Texts) -> click.Argument:
    """Return the positional INPUT."""
    return _Argument(texts, ["source"], metavar="INPUT", type=_Source(path_type=Path, readable=False))


def hidden_option(texts: Texts) -> click.Option:
    """Return the option by which hidden sheets of INPUT are read too."""
    return option(texts, "--hidden-sheets", is_flag=True)


def accept_option(texts: Texts) -> click.Option:
    """Return the option by which proposals for headers and cells of INPUT are used."""
    return option(texts, "--accept-proposals", metavar="0.9", type=click.FLOAT)


def file_option(texts: Texts, flag: str, metavar: str, **settings: Any) -> click.Option:
    """Return an option that takes a path."""
    return option(texts, flag, metavar=metavar, type=click.Path(path_type=Path, readable=False), **settings)


def policy_options(texts: Texts) -> list[click.Option]:
    """Return the options by which a user's data files override the built-in ones."""
    kinds = {"divisions": "FILE.csv|xlsx"}
    return [file_option(texts, f"--{name}", kinds.get(name, "FILE.toml")) for name in POLICY_FILES]


def _general(texts: Texts) -> list[click.Parameter]:
    return [
        # Read before parsing (see `chosen_language`); parsed here to be checked and shown.
        option(texts, "--lang", metavar="|".join(LANGUAGES), type=click.Choice(LANGUAGES), expose_value=False),
        option(texts, "--help", is_flag=True, is_eager=True, expose_value=False, callback=_show_help),
    ]


def _version(texts: Texts) -> click.Option:
    return option(texts, "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version)


def _show_help(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        show(ctx.get_help())
        ctx.exit()


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        show(version("relapse-risk"))
        ctx.exit()


def _expected(kind: Any) -> str:
    if isinstance(kind, click.Choice):
        return " | ".join(map(str, kind.choices))
    if isinstance(kind, click.IntRange):
        return f"{kind.min}, {(kind.min or 0) + 1}, …" + (f", {kind.max}" if kind.max else "")
    return "0, 0.05, …" if kind is click.FLOAT else str(kind.name)
