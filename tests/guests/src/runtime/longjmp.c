/* What the compiler's lowering of setjmp and longjmp calls. A file of its own: the lowering declares these names itself.
 *
 * A buffer remembers which invocation of which function set it, and under which label; a jump throws the address of the
 * buffer's last part, and every function that calls setjmp catches, asks whether the buffer is its own, and throws on if
 * not. */
#include <stdint.h>

typedef struct {
    void *invocation;
    uint32_t label;
    struct {
        void *buffer;
        int value;
    } jump;
} Buffer;

__asm__(".tagtype __c_longjmp i32\n.globl __c_longjmp\n__c_longjmp:\n");

void __wasm_setjmp(Buffer *b, uint32_t label, void *invocation) {
    b->invocation = invocation;
    b->label = label;
}
uint32_t __wasm_setjmp_test(Buffer *b, void *invocation) { return b->invocation == invocation ? b->label : 0; }
void __wasm_longjmp(Buffer *b, int value) {
    b->jump.buffer = b;
    b->jump.value = value ? value : 1;
    __builtin_wasm_throw(1, &b->jump);
}
