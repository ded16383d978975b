# Turns schema/sql/NNN_name.sql into a C file with one array of bytes each (a string literal of that
# length is not portable C). cmake -DOUT=FILE -DFILES="a;b" -P embed_sql.cmake
set(arrays "")
set(rows "")
set(expected 0)

foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME_WE)
  math(EXPR expected "${expected} + 1")
  if(NOT name MATCHES "^([0-9][0-9][0-9])_[a-z0-9_]+$")
    message(FATAL_ERROR "${file}: a migration is called NNN_name.sql")
  endif()
  string(REGEX REPLACE "^0+" "" number "${CMAKE_MATCH_1}")
  if(NOT number EQUAL expected)
    message(FATAL_ERROR "${file}: migration ${expected} was expected here")
  endif()
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND arrays "static const char sql_${name}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", sql_${name}},\n")
endforeach()

file(WRITE "${OUT}" "/* Made from schema/sql by embed_sql.cmake. */
#include \"store/migrate.h\"

${arrays}
const struct migration migrations[] = {
${rows}};
const int migration_count = ${expected};
")
