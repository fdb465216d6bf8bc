"""Requests: what may be asked of a function of the front door, declared once as a frozen dataclass.

A function that takes a request is called with the request's fields as keywords. Its signature, its defaults and the
part of its docstring that describes them come from the dataclass, and so do the options of the command line.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast, overload

__all__ = ["on_command_line", "takes"]

Options = ParamSpec("Options")
Request = TypeVar("Request")
Answer = TypeVar("Answer")
First = TypeVar("First")
Second = TypeVar("Second")
Third = TypeVar("Third")

_DESCRIBED = "%(options)s"


def on_command_line(
    metavar: str, *, several: bool = False, least: int | None = None, most: int | None = None
) -> Mapping[str, Any]:
    """Return the metadata of a field that the command line has an option for.

    Parameters
    ----------
    metavar : str
        What stands for the option's value on help pages.
    several : bool
        Whether the option may be given several times.
    least, most : int, optional
        Bounds of a number.

    Examples
    --------
    >>> from dataclasses import dataclass, field, fields
    >>> @dataclass(frozen=True, kw_only=True)
    ... class Greeting:
    ...     word: str = field(default="hello", metadata=on_command_line("WORD"))
    >>> fields(Greeting)[0].metadata["metavar"]
    'WORD'
    """
    return {"metavar": metavar, "several": several, "bounds": (least, most)}


class takes(Generic[Options, Request]):  # noqa: N801 - a decorator, called like a function
    """Let a function that ends in a request be called with the request's fields as keywords.

    Parameters
    ----------
    request : type
        A frozen keyword-only dataclass whose docstring describes its fields under ``Attributes``. What it says there
        takes the place of ``%(options)s`` in the function's docstring.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, kw_only=True)
    ... class Greeting:
    ...     '''A greeting.
    ...
    ...     Attributes
    ...     ----------
    ...     word : str
    ...         What is said.
    ...     '''
    ...
    ...     word: str = "hello"
    >>> @takes(Greeting)
    ... def greet(name, request):
    ...     '''Greet.
    ...
    ...     Parameters
    ...     ----------
    ...     name : str
    ...     %(options)s
    ...     '''
    ...     return f"{request.word}, {name}"
    >>> greet("Li"), greet("Li", word="good morning")
    ('hello, Li', 'good morning, Li')
    >>> inspect.signature(greet)
    <Signature (name, *, word: str = 'hello')>
    >>> "What is said." in greet.__doc__
    True
    """

    def __init__(self, request: Callable[Options, Request]) -> None:
        self.request = request

    @overload
    def __call__(self, run: Callable[[First, Request], Answer]) -> Callable[Concatenate[First, Options], Answer]: ...

    @overload
    def __call__(
        self, run: Callable[[First, Second, Request], Answer]
    ) -> Callable[Concatenate[First, Second, Options], Answer]: ...

    @overload
    def __call__(
        self, run: Callable[[First, Second, Third, Request], Answer]
    ) -> Callable[Concatenate[First, Second, Third, Options], Answer]: ...

    def __call__(self, run: Any) -> Any:
        """Return the function that takes the fields of the request."""
        request: Callable[..., Any] = self.request
        signature = _signature(run, request)
        given = [name for name, one in signature.parameters.items() if one.kind is not one.KEYWORD_ONLY]

        @wraps(run)
        def asked(*args: Any, **options: Any) -> Any:
            bound = signature.bind(*args, **options).arguments
            return run(*(bound.pop(name) for name in given), request(**bound))

        asked.__doc__ = _documented(run.__doc__, cast(type, self.request))
        vars(asked)["__signature__"] = signature
        return asked


def _signature(run: Callable[..., Any], request: Callable[..., Any]) -> inspect.Signature:
    """Return the parameters of a function but its last, the request, and those of the request as keywords."""
    own = inspect.signature(run)
    *given, _ = own.parameters.values()
    return own.replace(parameters=[*given, *inspect.signature(request).parameters.values()])


def _documented(doc: str | None, request: type) -> str | None:
    """Return the docstring of a function with the attributes of a request described where it says so."""
    if doc is None or _DESCRIBED not in doc:
        return doc
    described = "\n".join(_attributes(one) for one in reversed(inspect.getmro(request)) if is_dataclass(one))
    line = next(line for line in doc.splitlines() if _DESCRIBED in line)
    indent = line[: -len(line.lstrip())]
    return doc.replace(line, "\n".join(f"{indent}{one}" if one else "" for one in described.splitlines()))


def _attributes(request: type) -> str:
    """Return what the docstring of a dataclass says of the fields it adds."""
    _, _, described = inspect.cleandoc(request.__doc__ or "").partition("Attributes\n----------\n")
    return re.split(r"\n\n\w+\n-+\n", described)[0]
