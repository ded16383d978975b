# Turns schema/events/TYPE.json into a C file with one array of bytes each, found by type.
# cmake -DOUT=FILE -DFILES="a;b" -P embed_schemas.cmake
set(arrays "")
set(rows "")

foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME_WE)
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND arrays "static const char schema_${name}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", {schema_${name}, sizeof schema_${name} - 1}},\n")
endforeach()

file(WRITE "${OUT}" "/* Made from schema/events by embed_schemas.cmake. */
#include \"hub/schema.h\"

${arrays}
static const struct {
    const char *type;
    struct span text;
} schemas[] = {
${rows}};

struct span
schema_text(const char *type)
{
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        if (strcmp(schemas[i].type, type) == 0) {
            return schemas[i].text;
        }
    }
    return SPAN(\"{}\");
}
")
