/* exceptions again, in the encoding of exceptions that came before the standard one. */
#include "exceptions.cpp"
