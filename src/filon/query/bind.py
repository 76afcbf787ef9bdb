"""Walking a tree: its leaves, and a tree with other leaves in their place."""

from collections.abc import Callable, Iterator

from filon.query.tree import And, Node, Not, Or

__all__ = ["bind", "leaves"]


def bind(node: Node, change: Callable[[Node], Node]) -> Node:
    """The tree with every leaf replaced by ``change(leaf)``; the case puts ``Rows`` for tags and scope this way."""
    match node:
        case Not(child):
            return Not(bind(child, change))
        case And(children):
            return And(tuple(bind(child, change) for child in children))
        case Or(children):
            return Or(tuple(bind(child, change) for child in children))
        case _:
            return change(node)


def leaves(node: Node) -> Iterator[Node]:
    """Every leaf, in the order it is written."""
    match node:
        case Not(child):
            yield from leaves(child)
        case And(children) | Or(children):
            for child in children:
                yield from leaves(child)
        case _:
            yield node
