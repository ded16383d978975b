# Turns text files into a C file with one array of bytes each, found by file name (embedded.h).
# cmake -DOUT=FILE -DFILES="a;b" -P embed_files.cmake
set(arrays "")
set(rows "")

foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  string(MAKE_C_IDENTIFIER "file_${name}" symbol)
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND arrays "static const char ${symbol}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", {${symbol}, sizeof ${symbol} - 1}},\n")
endforeach()

file(WRITE "${OUT}" "/* Made by embed_files.cmake. */
#include \"testing/embedded.h\"

${arrays}
static const struct {
    const char *name;
    struct span text;
} files[] = {
${rows}};

struct span
embedded_text(const char *name)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (strcmp(files[i].name, name) == 0) {
            return files[i].text;
        }
    }
    return SPAN_NONE;
}
")
