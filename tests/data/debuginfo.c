/* A guest with debug information: a trap in an inlined function, two calls deep.
 *   python3 -m ziglang cc -target wasm32-freestanding -nostdlib -O1 -g -fdebug-prefix-map="$PWD"=. -Wl,--no-entry debuginfo.c -o debuginfo.wasm */

static inline __attribute__((always_inline)) int divide(int a, int b) {
    volatile int c = b;
    return a / c;
}

static __attribute__((noinline)) int middle(int x) {
    return divide(100, x) + 1;
}

__attribute__((export_name("outer"))) int outer(int x) {
    return middle(x) * 2;
}
