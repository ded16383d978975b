/* Random ids. Leaf. Any thread. Randomness is getrandom(2): ids are not guessable. */
#ifndef HD1_IDGEN_H
#define HD1_IDGEN_H

#include "span.h"

#define ID_MAX 64   /* longest session, client or object name, in bytes */
#define ID_SIZE 65  /* with its NUL */
#define IDGEN_LEN 8 /* random letters and digits in a made id */

/* Writes prefix, 8 random lower-case letters and digits, NUL; size must hold them. */
void idgen(char *out, size_t size, const char *prefix);
/* Is it 1 to 64 of [A-Za-z0-9_-]? Session ids, client ids, object names, script names. */
bool id_is_valid(struct span id);
/* Fills with random bytes. */
void idgen_bytes(void *out, size_t size);

#endif
