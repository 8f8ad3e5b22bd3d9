"""Every small change of a module that a test should notice. Text in, texts out: nothing is run here.

What is changed: a comparison (its opposite, its neighbour, a bound moved by one), a condition (negated), and/or, plus
and minus, times and division, a raise or the call of a check (left out), a returned condition (negated), a constant,
a field of what a secret is bound to (left out).
What a person reads (docstrings, the words of an error) and what only types or decorates is left alone.
"""

import ast
import hashlib
from collections import Counter
from collections.abc import Collection, Iterator
from copy import deepcopy
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}
LEFT_ALONE = {"annotation", "returns", "decorator_list", "type_params"}
"""Fields of the tree that hold types and decorations."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One change. ``name`` says where and what, without line numbers: it outlives changes elsewhere in the file."""

    name: str
    line: int
    source: str


def mutants(source: str) -> list[Mutant]:
    """All mutants of a module, in the order of its text."""
    tree = ast.parse(source)
    unchanged = ast.unparse(tree)
    found = []
    names: Counter[str] = Counter()
    for where, node, new in _changes(tree, "module"):
        text = ast.unparse(deepcopy(tree, {id(node): new}))
        if text == unchanged:
            continue
        name = f"{where}: {_short(node)} -> {_short(new)}"
        names[name] += 1
        if names[name] > 1:
            name += f" #{names[name]}"
        found.append(Mutant(name=name, line=getattr(node, "lineno", 0), source=text))
    return found


def sample(found: Collection[Mutant], *, number: int, module: str) -> list[Mutant]:
    """At most ``number`` of them, in the order of the text: always the same ones, whatever else changes in the file."""

    def lot(mutant: Mutant) -> bytes:
        return hashlib.sha256(f"{module} {mutant.name}".encode()).digest()

    drawn = {mutant.name for mutant in sorted(found, key=lot)[:number]}
    return [mutant for mutant in found if mutant.name in drawn]


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else f"{text[:60]} … {text[-25:]}"


def _changes(node: ast.AST, where: str) -> Iterator[tuple[str, ast.AST, ast.AST]]:
    """(where, node, what stands there instead) for the node and everything below it."""
    for new in _instead(node):
        yield where, node, new
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        where = node.name if where == "module" else f"{where}.{node.name}"
    for field, value in ast.iter_fields(node):
        if field in LEFT_ALONE or isinstance(node, ast.Raise):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_for_readers(child):
                yield from _changes(child, where)


def _is_for_readers(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)  # a docstring
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and " " in node.value  # words, or SQL, which the server would notice
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return isinstance(node, (ast.Assert, ast.Import, ast.ImportFrom)) or (
        isinstance(node, ast.keyword) and node.arg in {"encoding", "doc", "strict"}
    )


def _instead(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left=left, ops=[*ops], comparators=[*others]):
            for at, op in enumerate(ops):
                for another in COMPARISONS[type(op)]:
                    yield ast.Compare(left, [*ops[:at], another(), *ops[at + 1 :]], others)
            if isinstance(ops[-1], ORDERED) and not isinstance(others[-1], ast.Constant):
                # The other way than the neighbour above moves it: a < b becomes a <= b there and a < b - 1 here.
                way = ast.Sub() if isinstance(ops[-1], (ast.Lt, ast.GtE)) else ast.Add()
                moved = ast.BinOp(others[-1], way, ast.Constant(1))
                yield ast.Compare(left, ops, [*others[:-1], moved])
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC and not _is_text(node):
            yield ast.BinOp(left, ARITHMETIC[type(op)](), right)
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert(), operand=operand):
            yield operand
        case ast.If(test=test, body=body, orelse=orelse) if not _is_turned_elsewhere(test):
            yield ast.copy_location(ast.If(_not(test), body, orelse), node)
        case ast.IfExp(test=test, body=body, orelse=orelse) if not _is_turned_elsewhere(test):
            yield ast.IfExp(_not(test), body, orelse)
        case ast.Return(value=ast.BoolOp() as value):
            yield ast.copy_location(ast.Return(_not(value)), node)
        case ast.Raise():
            yield ast.copy_location(ast.Pass(), node)
        case ast.Expr(value=ast.Call(func=function)) if _name(function).lstrip("_").startswith("check"):
            yield ast.copy_location(ast.Pass(), node)
        case ast.Call(func=function, args=[_, _, *_] as fields) if _name(function) == "frame":
            for at in range(len(fields)):  # one thing less that a secret is bound to
                yield ast.copy_location(ast.Call(function, [*fields[:at], *fields[at + 1 :]], []), node)
        case ast.Expr(value=ast.Yield()):
            yield ast.copy_location(ast.Pass(), node)
        case ast.Constant(value=value):
            yield from (ast.copy_location(ast.Constant(new), node) for new in _constants(value))


def _constants(value: object) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
        yield value - 1
    elif isinstance(value, float):
        yield value + 0.5
    elif isinstance(value, str):
        yield value + "?"
    elif isinstance(value, bytes):
        yield value + b"?"


def _is_text(node: ast.BinOp) -> bool:
    return any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (node.left, node.right))


def _is_turned_elsewhere(test: ast.expr) -> bool:
    """A plain comparison or negation is turned on its own account."""
    return isinstance(test, ast.UnaryOp) or (
        isinstance(test, ast.Compare) and len(test.ops) == 1 and not isinstance(test.ops[0], ORDERED)
    )


def _not(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
