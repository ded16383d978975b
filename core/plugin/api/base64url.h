/* base64url (RFC 4648, section 5), without padding. Any thread. */
#ifndef HD1_PLUGIN_API_BASE64URL_H
#define HD1_PLUGIN_API_BASE64URL_H

#include "span.h"

#include <stddef.h>

/* How long so many bytes become. */
#define BASE64URL_LEN(bytes) (((bytes)*4 + 2) / 3)

/* Writes BASE64URL_LEN(bytes.len) characters, no NUL; returns how many. */
size_t base64url_encode(char *out, struct span bytes);
/* Writes at most text.len / 4 * 3 + 2 bytes and returns how many; HD1_ESYNTAX for a character that
 * does not belong (padding too), a length that no bytes give, or bits left over that are not 0. */
long base64url_decode(char *out, struct span text);

#endif
