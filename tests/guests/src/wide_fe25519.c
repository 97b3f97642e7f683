/* fe25519 again, with wide arithmetic: its 128-bit products become i64.mul_wide and i64.add128. */
#include "fe25519.c"
