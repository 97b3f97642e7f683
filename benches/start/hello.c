/* What a whole process of a command-line runtime is timed with. hello.wasm is this, made with the C compiler of PyPI's ziglang:
 * python3 -m ziglang cc -target wasm32-wasi -Os -s hello.c -o hello.wasm */
#include <stdio.h>

int main(void) {
    puts("hello, world");
    return 0;
}
