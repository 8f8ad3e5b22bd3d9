"""Strict parsing of a programme: every unknown key and every broken rule is a line of its own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from anonymisation.errors import ProgrammeError
from anonymisation.options import READERS, OptionError
from anonymisation.programme import Dimension, Level, Method, Policy, Programme, Table, Zeros
from anonymisation.reading import file_bytes, is_whole, unknown_keys

PERIOD = re.compile(r"\d{4}(-H[12])?\Z", re.ASCII)
LARGEST_TOML = 4 * 1024 * 1024
LARGEST_NUMBER = 10**6


def load(path: Path) -> Programme:
    """Read a programme from a file."""
    raw = file_bytes(path, error=ProgrammeError, largest=LARGEST_TOML)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ProgrammeError(f"{path.name}: not UTF-8") from None
    return parse_text(text, source=path.name)


def parse_text(text: str, *, source: str) -> Programme:
    """Read a programme from TOML."""
    try:
        value = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise ProgrammeError(f"{source}: not TOML: {problem}") from None
    except ValueError:  # Python reads no number of thousands of digits
        raise ProgrammeError(f"{source}: a number or a date is none that can be read") from None
    return parse_object(value, source=source)


def parse_object(value: Mapping[str, Any], *, source: str) -> Programme:
    """Read a programme from the tables of its TOML."""
    return _Parser(source).programme(value)


class _Parser:
    """Collects problems, so that one run shows them all."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.problems: list[str] = []

    def bad(self, where: str, what: str) -> None:
        self.problems.append(f"{self.source}: {where}: {what}")

    def stop(self) -> None:
        if self.problems:
            raise ProgrammeError(self.problems)

    def table(self, value: object, where: str, known: set[str]) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.bad(where, "missing, or not a table")
            return {}
        for key in unknown_keys(value, known):
            self.bad(where, f"unknown key {key!r}")
        return value

    def text(self, value: dict[str, Any], key: str, where: str) -> str:
        found = value.get(key)
        if not isinstance(found, str) or not found.strip() or not found.isprintable():
            self.bad(where, f"{key} must be a text that is not empty")
            return ""
        return found

    def texts(self, value: object, where: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not value:
            self.bad(where, "must be a list that is not empty")
            return ()
        if any(not isinstance(item, str) or not item.strip() or not item.isprintable() for item in value):
            self.bad(where, "must hold texts that are not empty")
            return ()
        if len(set(value)) != len(value):
            self.bad(where, "holds a code twice")
            return ()
        return tuple(value)

    def whole(self, value: dict[str, Any], key: str, where: str, *, default: int, least: int) -> int:
        found = value.get(key, default)
        if not is_whole(found) or not least <= found <= LARGEST_NUMBER:
            self.bad(where, f"{key} must be a whole number of at least {least}")
            return default
        return int(found)

    def flag(self, value: dict[str, Any], key: str, where: str, *, default: bool) -> bool:
        found = value.get(key, default)
        if not isinstance(found, bool):
            self.bad(where, f"{key} must be true or false")
            return default
        return found

    def programme(self, value: Mapping[str, Any]) -> Programme:
        root = self.table(dict(value), "the file", {"programme", "policy", "dimensions", "tables"})
        head = self.table(root.get("programme"), "[programme]", {"id", "period", "population", "contributor"})
        self.stop()
        name, period, population = (self.text(head, key, "[programme]") for key in ("id", "period", "population"))
        if period and not PERIOD.match(period):
            self.bad("[programme]", "period must be YYYY, YYYY-H1 or YYYY-H2")
        policy = self.policy(root.get("policy"), root.get("tables"))
        dimensions = self.dimensions(root.get("dimensions"))
        contributor = head.get("contributor")
        if contributor is not None:
            found = next((d for d in dimensions if d.name == contributor), None)
            if found is None:
                self.bad("[programme]", "contributor is not a dimension")
            elif found.multi:
                self.bad("[programme]", "contributor cannot be a multi dimension")
        self.stop()
        tables = self.tables(root.get("tables"), policy, {d.name: d for d in dimensions})
        for name in sorted({name for margin in dict(policy.options).get("exact", ()) for name in margin}):
            if name not in {d.name for d in dimensions}:
                self.bad("[policy.round]", f"exact names an unknown dimension {name!r}")
        used = {name for table in tables for name in table.dimensions} | {contributor}
        for dimension in dimensions:
            if dimension.name not in used:
                self.bad(f"[dimensions.{dimension.name}]", "no table uses it")
        self.stop()
        return Programme(name, period, population, policy, dimensions, tables, contributor)

    def policy(self, value: object, tables: object) -> Policy:
        where = "[policy]"
        known = {"method", "threshold", "zeros", "width", "insiders", "rule_aware", "min_contributors"}
        found = self.table(value, where, known | {"time_limit", "work_limit"} | {str(m) for m in Method})
        if not found:
            self.bad(where, "threshold is missing")
            self.stop()
        method = found.get("method", "suppress")
        if not isinstance(method, str) or method not in set(Method):
            self.bad(where, "method must be suppress, round, cellkey or dp")
            self.stop()
        if "threshold" not in found:
            self.bad(where, "threshold is missing")
        threshold = self.whole(found, "threshold", where, default=1, least=1)
        limit = found.get("time_limit", 60)
        if isinstance(limit, bool) or not isinstance(limit, int | float) or not 0 < limit <= LARGEST_NUMBER:
            self.bad(where, "time_limit must be a number of seconds above 0")
            limit = 60
        width = self.whole(found, "width", where, default=threshold, least=1)
        return Policy(
            threshold=threshold,
            width=width,
            method=Method(method),
            zeros=self.zeros(found, where, Zeros.PUBLISH),
            insiders=self.flag(found, "insiders", where, default=True),
            rule_aware=self.flag(found, "rule_aware", where, default=False),
            min_contributors=self.whole(found, "min_contributors", where, default=1, least=1),
            time_limit=limit,
            work_limit=self.whole(found, "work_limit", where, default=0, least=0),
            options=self.options(found, Method(method), threshold, max(width, threshold, _widest(tables))),
        )

    def zeros(self, value: dict[str, Any], where: str, default: Zeros) -> Zeros:
        found = value.get("zeros", default)
        if not isinstance(found, str) or found not in set(Zeros):
            self.bad(where, "zeros must be publish or hide")
            return default
        return Zeros(found)

    def options(
        self, policy: dict[str, Any], method: Method, threshold: int, width: int
    ) -> tuple[tuple[str, Any], ...]:
        """Return the method's options with all defaults, sorted by name."""
        for other in Method:
            if other != method and str(other) in policy:
                self.bad(f"[policy.{other}]", f"the method is {method}")
        where = f"[policy.{method}]"
        if method is Method.SUPPRESS:
            if str(method) in policy:
                self.bad(where, "suppress has no options")
            return ()
        given = policy.get(str(method), {})
        if not isinstance(given, dict):
            self.bad(where, "must be a table")
            return ()
        try:
            return tuple(sorted(asdict(READERS[method](given, threshold=threshold, width=width)).items()))
        except OptionError as problem:
            self.bad(where, str(problem))
            return ()

    def dimensions(self, value: object) -> tuple[Dimension, ...]:
        if not isinstance(value, dict) or not value:
            self.bad("[dimensions]", "missing or empty")
            self.stop()
            return ()
        # Sorted by name, as the JSON of a release has them: reading a release gives an equal programme.
        return tuple(self.dimension(name, item) for name, item in sorted(value.items()))

    def dimension(self, name: str, value: object) -> Dimension:
        where = f"[dimensions.{name}]"
        found = self.table(value, where, {"total", "codes", "levels", "multi", "complete"})
        if name == "n":
            self.bad(where, "n is the name of the count")
        total, codes = self.text(found, "total", where), self.texts(found.get("codes"), f"{where} codes")
        multi = self.flag(found, "multi", where, default=False)
        if total in codes:
            self.bad(where, "the total's code is one of the leaves")
        if multi and any("|" in code for code in codes):
            self.bad(where, "a code of a multi dimension cannot hold |")
        if not multi and "complete" in found:
            self.bad(where, "complete is for multi dimensions only")
        if multi and "levels" in found:
            self.bad(where, "a multi dimension has no levels: people with any of some codes cannot be added up")
        levels = self.levels(found.get("levels", {}), where, total, codes)
        return Dimension(name, total, codes, levels, multi, self.flag(found, "complete", where, default=False))

    def levels(self, value: object, where: str, total: str, codes: tuple[str, ...]) -> tuple[Level, ...]:
        if not isinstance(value, dict):
            self.bad(where, "levels must be a table")
            return ()
        taken = {total, *codes}
        levels = []
        for name, groups in value.items():
            here = f"{where} level {name}"
            if name in {"code", "total"}:
                self.bad(here, "the name is taken")
            if not isinstance(groups, dict) or not groups:
                self.bad(here, "must be a table of groups")
                continue
            members: list[str] = []
            for code, leaves in groups.items():
                if code in taken:
                    self.bad(here, f"code {code!r} is taken by the total, a leaf or another group")
                taken.add(code)
                members += self.texts(leaves, f"{here} {code}")
            if sorted(members) != sorted(codes):
                self.bad(here, "does not partition the codes")
                continue
            # Leaves in the order of the codes: the way a group is written makes no other programme.
            order = {code: at for at, code in enumerate(codes)}
            inside = [(c, tuple(sorted(leaves, key=order.__getitem__))) for c, leaves in groups.items()]
            # Groups likewise by their first leaf: a release sorts their names.
            levels.append(Level(name, tuple(sorted(inside, key=lambda group: order[group[1][0]]))))
        # Finest first, however JSON sorted the names.
        return tuple(sorted(levels, key=lambda level: (-len(level.groups), level.name)))

    def tables(self, value: object, policy: Policy, known: dict[str, Dimension]) -> tuple[Table, ...]:
        if not isinstance(value, list) or not value:
            self.bad("[[tables]]", "missing or empty")
            self.stop()
            return ()
        tables = [self.one_table(item, at, policy, known) for at, item in enumerate(value, 1)]
        names = [table.id for table in tables]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.bad("[[tables]]", f"id {name!r} is used twice")
        return tuple(tables)

    def one_table(self, value: object, at: int, policy: Policy, known: dict[str, Dimension]) -> Table:
        where = f"[[tables]] number {at}"
        keys = {"id", "dimensions", "levels", "sensitive", "threshold", "width", "zeros"}
        found = self.table(value, where, keys)
        name = self.text(found, "id", where)
        where = f"table {name}" if name else where
        dimensions = found.get("dimensions")
        if isinstance(dimensions, list) and len({str(d) for d in dimensions}) != len(dimensions):
            self.bad(where, "a dimension is used twice")
        names = self.texts(dimensions, f"{where} dimensions") if isinstance(dimensions, list) else ()
        if not names:
            self.bad(where, "dimensions must be a list that is not empty")
        for dimension in names:
            if dimension not in known:
                self.bad(where, f"unknown dimension {dimension!r}")
        names = tuple(d for d in names if d in known)
        chosen = self.table(found.get("levels", {}), f"{where} levels", set(names))
        levels = tuple(self.chosen(chosen.get(d), known[d], f"{where} levels {d}") for d in names)
        threshold = self.whole(found, "threshold", where, default=policy.threshold, least=1)
        width = self.whole(found, "width", where, default=max(policy.width, threshold), least=1)
        zeros = self.zeros(found, where, policy.zeros)
        if threshold < policy.threshold or width < policy.width or (policy.zeros == "hide" and zeros == "publish"):
            self.bad(where, "threshold, width and zeros may only be stricter than the policy's")
        return Table(name, names, levels, threshold, width, zeros, self.flag(found, "sensitive", where, default=False))

    def chosen(self, value: object, dimension: Dimension, where: str) -> tuple[str, ...]:
        if value is None:
            return dimension.level_names
        names = self.texts(value, where)
        for name in names:
            if name not in dimension.level_names:
                self.bad(where, f"unknown level {name!r}")
        # One order whatever the order they were written in: finest first.
        return tuple(name for name in dimension.level_names if name in names)


def _widest(tables: object) -> int:
    """The largest width or threshold that any table sets for itself; what is wrong with them is told elsewhere."""
    if not isinstance(tables, list):
        return 0
    found = [table.get(key, 0) for table in tables if isinstance(table, dict) for key in ("width", "threshold")]
    return max((n for n in found if isinstance(n, int)), default=0)
