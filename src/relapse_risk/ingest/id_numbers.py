"""Identity numbers: what they contain, and the keyed hash that replaces them."""

from collections.abc import Iterable
from hashlib import blake2b

import polars as pl

__all__ = ["NUMBER_FACTS", "common_key", "hashed", "number_facts"]

NUMBER_FACTS = pl.Schema({"check": pl.String, "birth_date": pl.Date, "sex": pl.String})
"""What a number says of itself: whether it is whole, and whose it is."""

# GB 11643-1999: the weights of the first 17 digits, and the check sign by their sum modulo 11.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SIGNS = dict(enumerate("10X98765432"))
_KEY_BYTES, _HASH_BYTES = 32, 8


def common_key(numbers: Iterable[str]) -> bytes:
    """Return a key made of the numbers themselves: the same register gives the same hashes, and only to who holds it.

    Examples
    --------
    >>> common_key(["b", "a", "b"]) == common_key(["a", "b"]) != common_key(["a"])
    True
    """
    return blake2b("\n".join(sorted(set(numbers))).encode(), digest_size=_KEY_BYTES).digest()


def hashed(numbers: pl.Series, key: bytes) -> pl.Series:
    """Return the keyed hash of each number (BLAKE2b, 16 hexadecimal signs); null where there is none.

    Examples
    --------
    >>> hashed(pl.Series(["999999196305020009", None]), b"secret").to_list()
    ['e8529655182ad4c2', None]
    """
    distinct = numbers.drop_nulls().unique()
    keyed = key if len(key) <= blake2b.MAX_KEY_SIZE else blake2b(key).digest()
    digests = [blake2b(one.encode(), digest_size=_HASH_BYTES, key=keyed).hexdigest() for one in distinct]
    return numbers.replace_strict(distinct, pl.Series(digests, dtype=pl.String), default=None, return_dtype=pl.String)


def number_facts(number: pl.Expr) -> pl.Expr:
    """Return what each number says of itself: a struct of ``check``, ``birth_date`` and ``sex``.

    check is ``ok``; ``check_digit`` where 18 signs do not add up (GB 11643); ``birth_date`` where they hold no day;
    ``shape`` where there are not 18 signs, or signs that are none of a number's; null where there is no number. Only
    a whole number says of whom.

    Examples
    --------
    >>> frame = pl.DataFrame({"id": ["999999196305020009", "99999919630502001X", "12", None]})
    >>> frame.select(number_facts(pl.col("id")).alias("facts")).unnest("facts").rows()[:2]
    [('ok', datetime.date(1963, 5, 2), 'female'), ('check_digit', None, None)]
    """
    shaped = number.str.contains(r"^\d{17}[\dX]$")
    digits = [number.str.slice(place, 1).cast(pl.Int64, strict=False) for place in range(17)]
    total = sum((digit * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)), pl.lit(0))
    adds_up = (total % 11).replace_strict(_SIGNS, default=None, return_dtype=pl.String) == number.str.slice(17, 1)
    born = number.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    check = (
        pl.when(~shaped)
        .then(pl.lit("shape"))
        .when(born.is_null())
        .then(pl.lit("birth_date"))
        .when(~adds_up)
        .then(pl.lit("check_digit"))
        .otherwise(pl.lit("ok"))
    )
    check = pl.when(number.is_not_null()).then(check)
    whole = check == "ok"
    sex = pl.when(digits[16] % 2 == 1).then(pl.lit("male")).otherwise(pl.lit("female"))
    return pl.struct(
        check.alias("check"), pl.when(whole).then(born).alias("birth_date"), pl.when(whole).then(sex).alias("sex")
    )
