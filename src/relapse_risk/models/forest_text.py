"""LightGBM's text format: cut to what a prediction needs, read into tables, and checked before LightGBM reads it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, cast

import numpy as np
from pydantic import PlainSerializer, PlainValidator, SerializationInfo, ValidationInfo

from relapse_risk.metrics import Floats, Ints

__all__ = ["BoosterText", "Tree", "cut_text", "parse_trees", "terms_of_text"]

_END = "end of trees\n"
_PER_NODE = ("split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child")
_PER_NODE_SUMS = ("internal_value", "internal_weight", "internal_count")
_PER_LEAF = ("leaf_value", "leaf_weight", "leaf_count")
_SINGLE = ("num_leaves", "num_cat", "is_linear", "shrinkage")
_HEADER = (
    *("version", "num_class", "num_tree_per_iteration", "label_index", "max_feature_idx", "objective"),
    *("feature_names", "feature_infos", "tree_sizes", "monotone_constraints"),
)
# Lines as LightGBM writes them and nothing else: it would read a number, a line or the end of a tree elsewhere than we
# do if other characters, blank lines between them or digits in groups (1_000) were let through.
_HEAD_LINES = re.compile(r"tree\n(?:[a-z_]+=[ -<>-~]*\n)+")
_TREE_LINES = re.compile(r"\d+\n(?:[a-z_]+=[-+.0-9a-z ]*\n)+\n+")


def cut_text(text: str) -> str:
    r"""Return a model's text without its parameters and without the range of each column in the training rows.

    Examples
    --------
    >>> cut_text("tree\nfeature_infos=[0:9]\n\nTree=0\n\nend of trees\n\nparameters:\n")
    'tree\nfeature_infos=none\n\nTree=0\n\nend of trees\n'
    """
    kept = text[: text.index(_END) + len(_END)]
    ranges = re.search("^feature_infos=(.*)$", kept, flags=re.MULTILINE)
    blanked = " ".join("none" for _ in ranges[1].split()) if ranges else ""
    return re.sub("^feature_infos=.*$", f"feature_infos={blanked}", kept, count=1, flags=re.MULTILINE)


@dataclass(frozen=True)
class Tree:
    """One tree: its inner nodes' terms and children (a leaf is ~index), its leaves' values and training weights."""

    terms: Ints
    left: Ints
    right: Ints
    values: Floats
    counts: Floats

    @property
    def term(self) -> int:
        """The term it splits first on; -1 for a tree that is one leaf."""
        return int(self.terms[0]) if len(self.terms) else -1

    @cached_property
    def paths(self) -> dict[int, Floats]:
        """Return, by term, what splits on it add on the way to each leaf (Saabas 2014), shape (leaves,).

        Examples
        --------
        >>> nodes = np.arange(1999)  # a chain, as deep as it has leaves
        >>> tree = Tree(terms=0 * nodes, left=~nodes, right=np.append(nodes[1:], ~1999),
        ...             values=np.linspace(-1, 1, 2000), counts=np.ones(2000))
        >>> steps = tree.paths[0]
        >>> bool(np.allclose(steps - steps[0], tree.values - tree.values[0]))
        True
        """
        found: dict[int, Floats] = {}
        below = {~leaf: (np.array([leaf]), float(value)) for leaf, value in enumerate(self.values)}
        for node in range(len(self.terms) - 1, -1, -1):  # children stand after their parents
            sides = [below.pop(int(child)) for child in (self.left[node], self.right[node])]
            masses = [max(float(self.counts[leaves].sum()), 1e-12) for leaves, _ in sides]
            mean = float(np.average([value for _, value in sides], weights=masses))
            steps = found.setdefault(int(self.terms[node]), np.zeros(len(self.values)))
            for leaves, value in sides:
                steps[leaves] += value - mean
            below[node] = np.concatenate([leaves for leaves, _ in sides]), mean
        return found


def parse_trees(text: str) -> Iterator[Tree]:
    """Yield the trees of a text.

    Raises
    ------
    KeyError, ValueError
        If a tree has a missing line or holds anything but numbers.
    """
    for block in text.split(_END)[0].split("\nTree=")[1:]:
        entries = _entries(block)
        yield Tree(
            terms=_integers(entries["split_feature"]),
            left=_integers(entries["left_child"]),
            right=_integers(entries["right_child"]),
            values=_floats(entries["leaf_value"]),
            counts=_floats(entries["leaf_count"]),
        )


def terms_of_text(text: str) -> int:
    """Return the number of terms that a text says it is over; 0 where it says none."""
    found = re.search(r"^max_feature_idx=(\d{1,6})$", text, flags=re.MULTILINE)
    return int(found[1]) + 1 if found else 0


def _text_problem(text: str) -> str | None:
    """Return what is wrong with a text; None if nothing is.

    LightGBM reads lengths, offsets and node numbers from the text unchecked: each is checked here.
    """
    n_terms = terms_of_text(text)
    head, *blocks = text.removesuffix(_END).split("\nTree=")
    header = _entries(head)
    wanted = {"num_class": "1", "num_tree_per_iteration": "1", "max_feature_idx": str(n_terms - 1)}
    if not text.isascii() or not text.endswith("\n" + _END) or text.count(_END) != 1:
        return "a text that is cut off or goes on"
    if not _HEAD_LINES.fullmatch(head) or not _each_once(head, header) or not set(header) <= set(_HEADER):
        return "a head that is none"
    if {key: header.get(key) for key in wanted} != wanted or header.get("objective") != "binary sigmoid:1":
        return "a model of another kind or over other columns"
    if any(len(header.get(key, "").split()) != n_terms for key in ("feature_names", "feature_infos")):
        return "other columns"
    if not _sizes_hold(header.get("tree_sizes", ""), text, len(blocks)):
        return "sizes that are not those of its trees"
    try:
        sound = all(_TREE_LINES.fullmatch(block) and _is_tree(block, n_terms) for block in blocks)
    except (KeyError, OverflowError, ValueError):
        sound = False
    return None if sound else "a tree that is none"


def _sizes_hold(sizes: str, text: str, n_trees: int) -> bool:
    """Return whether each size leads from one tree to the next, and the last to the end."""
    if not re.fullmatch(r"\d+( \d+)*", sizes) or len(sizes.split()) != n_trees:
        return False
    at = text.index("Tree=0\n") if "Tree=0\n" in text else -1
    for tree, size in enumerate(map(int, sizes.split())):
        if at < 0 or not text.startswith(f"Tree={tree}\n", at):
            return False
        at += size
    return text[at:] == _END


def _is_tree(block: str, n_terms: int) -> bool:
    """Return whether the lines describe one tree over the terms, each node and leaf reached once."""
    entries = _entries(block)
    leaves = int(entries["num_leaves"])
    per_node = [entries[key].split() for key in (*_PER_NODE, *_PER_NODE_SUMS)]
    if not _each_once(block, entries) or {entries["num_cat"], entries["is_linear"]} != {"0"}:
        return False
    if set(entries) != {
        *_SINGLE,
        *_PER_NODE,
        *_PER_NODE_SUMS,
        *_PER_LEAF,
    }:
        return False
    if any(len(line) != leaves - 1 for line in per_node) or len(entries["leaf_value"].split()) != leaves:
        return False
    # a tree that is one leaf says how many rows it has, not what they weigh
    if len(entries["leaf_count"].split()) != leaves or len(entries["leaf_weight"].split()) != (
        leaves if leaves > 1 else 0
    ):
        return False
    numbers = [_floats(entries[key]) for key in (*_PER_NODE_SUMS, *_PER_LEAF, "shrinkage")]
    thresholds = _floats(entries["threshold"])  # an infinite one parts the missing from all that is known
    terms, kinds = _integers(entries["split_feature"]), _integers(entries["decision_type"])
    return (
        all(np.isfinite(line).all() for line in numbers)
        and not np.isnan(thresholds).any()
        and bool(np.isin(terms, np.arange(n_terms)).all())
        and bool(np.isin(kinds, (0, 2, 4, 6, 8, 10)).all())
        and _is_joined(_integers(entries["left_child"]), _integers(entries["right_child"]), leaves)
    )


def _is_joined(left: Ints, right: Ints, leaves: int) -> bool:
    """Return whether children name every node but the root, and every leaf, once, and lie after their parent."""
    children, parents = np.concatenate([left, right]), np.tile(np.arange(leaves - 1), 2)
    all_once = np.concatenate([np.arange(-leaves, 0), np.arange(1, leaves - 1)]) if leaves > 1 else np.empty(0)
    return np.array_equal(np.sort(children), all_once) and bool(((children < 0) | (children > parents)).all())


def _each_once(block: str, entries: Mapping[str, str]) -> bool:
    """Return whether no key stands in two lines: LightGBM may heed another one than we do."""
    return block.count("=") == len(entries)


def _entries(block: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in block.splitlines() if "=" in line)


def _integers(line: str) -> Ints:
    return np.array(line.split(), dtype=np.int64)


def _floats(line: str) -> Floats:
    return np.array(line.split(), dtype=np.float64)


def _named(text: str, info: SerializationInfo) -> str:
    """Return the name under which a text is saved beside the values."""
    texts = cast(dict[str, str], info.context)
    name = f"trees_{len(texts)}"
    texts[name] = text
    return name


def _checked(name: object, info: ValidationInfo) -> str:
    """Return the text of a name, once nothing is wrong with it."""
    texts = cast(dict[str, str], info.context)
    if not isinstance(name, str) or name not in texts:
        raise ValueError("expected every tree among the texts")
    text = texts.pop(name)  # so that none is taken twice
    problem = _text_problem(text)
    if problem is not None:
        raise ValueError(problem)
    return text


BoosterText = Annotated[str, PlainValidator(_checked), PlainSerializer(_named)]
"""An ensemble in LightGBM's text: saved beside the values, and checked before LightGBM reads it."""
