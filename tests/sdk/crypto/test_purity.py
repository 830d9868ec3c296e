"""The core does nothing but compute: it asks no clock, no random source, no file and no other package."""

import ast
from pathlib import Path

import pytest

import ymera_client.crypto

MODULES = sorted(Path(ymera_client.crypto.__file__).parent.glob("*.py"))
PURE = {
    *("base64", "binascii", "collections", "contextlib", "dataclasses", "enum", "hashlib", "hmac"),
    *("itertools", "json", "re", "struct", "typing", "nacl"),
}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_only_what_computes(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert {alias.name.partition(".")[0] for alias in node.names} <= PURE
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            assert module.startswith("ymera_client.crypto") or module.partition(".")[0] in PURE


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_draws_no_random_bytes(path: Path) -> None:
    """These functions of libsodium do, or may."""
    called = {
        node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)
    }
    drawing = {"crypto_box_keypair", "crypto_sign_keypair", "crypto_box_seal", "randombytes"}
    stream = "crypto_secretstream_xchacha20poly1305"
    assert not called & {*drawing, f"{stream}_init_push", f"{stream}_keygen"}
