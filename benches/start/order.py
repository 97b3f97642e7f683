#!/usr/bin/env python3
"""Writes order.ld, which puts the functions that a run of a small program executes next to each other in the command.

    WASMX_UNORDERED=1 cargo build --release --bin wasmx
    order.py target/release/wasmx            (needs valgrind, which does not know functions in a section other than `.text`)

Why: the system maps a program's file in windows of 64 KiB around each page that is touched, and what is mapped counts as the
process's memory. 450 functions of 0.4 MB lie in 30 such windows if they lie where the compiler left them, and in 8 when they
are neighbours. The file names functions by patterns, without the hashes of one compiler: what a later version has no longer,
or has under another name, is simply not moved. `build.rs` uses it where the linker takes it.
"""

import bisect
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent

HEAD = """\
/* Made by order.py: the functions of a short run, which the linker puts next to each other. */
SECTIONS {
  .text.first : {
"""
TAIL = """\
  }
} INSERT BEFORE .text;
"""


def executed(binary: str, trace: str) -> set:
    """Addresses of the binary's instructions in callgrind's output, whose lines may count on from the line before."""
    objects, addresses, at, ours = {}, set(), 0, False
    for line in open(trace):
        named = re.match(r"(c?ob)=\((\d+)\)(?: (.*))?", line)
        if named:
            kind, number, path = named.groups()
            if path:
                objects[number] = path.strip()
            if kind == "ob":
                ours = objects[number] == binary
        elif line[0] in "0+-*":
            word = line.split()[0]
            if word[0] == "0":
                at = int(word, 16)
            elif word[0] != "*":
                at += int(word, 0)
            if ours:
                addresses.add(at)
    return addresses


def main() -> None:
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.NamedTemporaryFile() as trace:
        command = ["valgrind", "--tool=callgrind", "--dump-instr=yes", f"--callgrind-out-file={trace.name}"]
        subprocess.run([*command, binary, str(HERE / "hello.wasm")], check=True, capture_output=True)
        addresses = executed(binary, trace.name)
    symbols = []
    for line in subprocess.run(["nm", "-S", "--defined-only", binary], capture_output=True, text=True, check=True).stdout.splitlines():
        words = line.split()
        if len(words) == 4 and words[2] in "tTwW":
            symbols.append((int(words[0], 16), int(words[1], 16), words[3]))
    symbols.sort()
    starts = [s[0] for s in symbols]
    patterns = set()
    for address in addresses:
        start, size, name = symbols[bisect.bisect_right(starts, address) - 1]
        if address < start + size:
            name = re.sub(r"17h[0-9a-f]{16}E.*$", "17h*", name)
            patterns.add(re.sub(r"Cs[0-9A-Za-z]{8,14}_", "Cs*_", name))
    lines = "".join(f"    *(.text*.{p})\n" for p in sorted(patterns))
    (HERE / "order.ld").write_text(HEAD + lines + TAIL)
    print(f"{len(patterns)} patterns")


if __name__ == "__main__":
    main()
