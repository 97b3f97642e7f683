/* memops again, with bulk memory: copies and fills become memory.copy and memory.fill. */
#define GUEST_BULK_MEMORY
#include "memops.c"
