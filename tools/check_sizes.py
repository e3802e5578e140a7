"""Fail on a module over 600 lines or a function over 50 (docs: README, "How the house is kept")."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

MODULE_LIMIT = 600
FUNCTION_LIMIT = 50
EXPLAIN_OVER = 400


def find_breaches(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    lines = text.count("\n")
    tree = ast.parse(text)
    if lines > MODULE_LIMIT:
        yield f"{path}: {lines} lines (limit {MODULE_LIMIT})"
    elif lines > EXPLAIN_OVER and "lines" not in (ast.get_docstring(tree) or ""):
        yield f"{path}: {lines} lines; over {EXPLAIN_OVER} the docstring says why it has so many lines"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LIMIT:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines (limit {FUNCTION_LIMIT})"


def main(roots: list[str]) -> int:
    breaches = [breach for root in roots for path in sorted(Path(root).rglob("*.py")) for breach in find_breaches(path)]
    print("\n".join(breaches) or "sizes: every module and function within its limit")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["src", "tests", "tools", "benchmarks", "checks"]))
