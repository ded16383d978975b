/* A folder of Lua files: is it there, and what is in it? Leaf. Any thread. */
#ifndef HD1_FOLDER_H
#define HD1_FOLDER_H

#include "buf.h"

/* 0; or HD1_ENOENT, and why it is none is appended: "there is no folder x". */
int folder_check(const char *path, struct buf *why);

struct folder {
    char **names; /* of NAME.lua, without .lua, in the order of the alphabet */
    size_t count;
};
/* What cannot be read is empty. Free by fini. */
void folder_init(struct folder *folder, const char *path);
void folder_fini(struct folder *folder);

#endif
