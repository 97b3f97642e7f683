#!/usr/bin/env python3
"""What a shared library is made of: bytes of code and data per crate, and the largest functions.

    top.py LIBRARY [FUNCTIONS]

LIBRARY must not be stripped. Bytes come from its symbol table (`nm`), sections from `size`. A generic function counts for the
crate that wrote it, an implementation of a trait for the type's crate; what no symbol covers is listed as such.
"""

import collections
import re
import subprocess
import sys

# C symbols of ours, and of what the compiler brings.
EXPORTED = re.compile(r"^(wasm|wasmx|wasi)_")


def crate(name: str) -> str:
    """The crate of a demangled symbol: the first path in it that is not a primitive type."""
    if EXPORTED.match(name):
        return "wasm (exported)"
    path = re.match(r"^[<&\[(\s*]*(?:mut |const |dyn |impl )*([A-Za-z_][A-Za-z0-9_]*)(?:\[[0-9a-f]+\])?::", name)
    return path.group(1) if path else "other"


def folder(name: str) -> str:
    """Of our own crate: the folder under src/."""
    path = re.match(r"^[<&\[(\s*]*(?:mut |dyn )*wasm(?:\[[0-9a-f]+\])?::([a-z0-9_]+)", name)
    return f"wasm::{path.group(1)}" if path else "wasm"


def main() -> None:
    library = sys.argv[1]
    shown = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    crates, functions, covered = collections.Counter(), collections.Counter(), 0
    seen = set()
    for line in subprocess.run(["nm", "-SC", "--defined-only", library], capture_output=True, text=True, check=True).stdout.splitlines():
        words = line.split(maxsplit=3)
        if len(words) < 4 or words[2] not in "tTrRdDwWvV" or words[0] in seen:
            continue
        seen.add(words[0])
        size, name = int(words[1], 16), words[3]
        covered += size
        owner = crate(name)
        crates[folder(name) if owner == "wasm" else owner] += size
        functions[name] += size
    sections = {}
    for line in subprocess.run(["size", "-A", "-d", library], capture_output=True, text=True, check=True).stdout.splitlines():
        words = line.split()
        if len(words) == 3 and words[0].startswith(".") and int(words[2]) > 0 and words[0] not in (".bss", ".tbss"):
            sections[words[0]] = int(words[1])
    total = sum(sections.values())
    print(f"{total} bytes in sections, {covered} under symbols\n\nsections")
    for name, size in sorted(sections.items(), key=lambda s: -s[1])[:10]:
        print(f"{size:>9} {size / total:>6.1%}  {name}")
    print("\ncrates")
    for name, size in crates.most_common(24):
        print(f"{size:>9} {size / total:>6.1%}  {name}")
    print("\nfunctions")
    for name, size in functions.most_common(shown):
        print(f"{size:>9} {size / total:>6.1%}  {name[:140]}")


if __name__ == "__main__":
    main()
