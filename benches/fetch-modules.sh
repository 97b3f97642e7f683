#!/bin/sh
# Brings large modules that people really load into benches/modules/, from npm packages: compilers, databases, language runtimes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
modules="$here/modules"
mkdir -p "$modules"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# package@version, the module's path in it, the name here
while read -r package path name; do
    [ -e "$modules/$name" ] && continue
    (cd "$work" && npm pack --silent "$package" > packed && tar -xzf "$(cat packed)")
    cp "$work/package/$path" "$modules/$name"
    rm -rf "$work/package"
    echo "$name: $(wc -c < "$modules/$name") bytes"
done <<'LIST'
web-tree-sitter@0.27.1 web-tree-sitter.wasm tree-sitter.wasm
wasmoon@1.16.0 dist/glue.wasm lua.wasm
@jitl/quickjs-wasmfile-release-sync@0.32.0 dist/emscripten-module.wasm quickjs.wasm
@sqlite.org/sqlite-wasm@3.46.1-build1 sqlite-wasm/jswasm/sqlite3.wasm sqlite3.wasm
pyodide@314.0.7 pyodide.asm.wasm python.wasm
esbuild-wasm@0.25.0 esbuild.wasm esbuild.wasm
LIST
