/* A temporary folder of Lua files for a test. */
#ifndef HD1_TESTS_FOLDER_H
#define HD1_TESTS_FOLDER_H

/* Makes an empty folder with a lib/ in it; path needs 64 bytes. */
void folder_make(char path[64]);
/* Writes PATH/NAME (a relative path). */
void folder_write(const char *path, const char *name, const char *text);
/* Removes it with all that is in it. */
void folder_remove(const char *path);

#endif
