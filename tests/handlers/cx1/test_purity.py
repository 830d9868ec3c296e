"""The validator does nothing but compute, and has nothing from the rest of the server or the SDK."""

import ast
from pathlib import Path

import pytest

import handlers.cx1

MODULES = sorted(Path(handlers.cx1.__file__).parent.glob("*.py"))
PURE = {"collections", "hashlib", "hmac", "itertools", "msgspec", "nacl", "struct", "typing"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_only_what_computes(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert {alias.name.partition(".")[0] for alias in node.names} <= PURE
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            assert module.startswith("handlers.cx1") or module.partition(".")[0] in PURE


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_uses_no_secret_key(path: Path) -> None:
    """Of libsodium there is only the verifying of signatures, and what tells a key of low order."""
    imported = {
        alias.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "nacl.bindings"
        for alias in node.names
    }
    assert imported <= {"crypto_scalarmult", "crypto_sign_open"}
