/* json again, with a 64-bit memory: every address is an i64. */
#include "json.c"
