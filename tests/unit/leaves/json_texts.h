/*
 * Texts and what the check must say of them. GOOD is compact already; LOOSE is good, and compact it
 * reads as given; BAD names the byte at fault and the complaint. Bytes outside ASCII are in octal.
 */
#ifndef HD1_TEST_JSON_TEXTS_H
#define HD1_TEST_JSON_TEXTS_H

#include "span.h"

struct json_case {
    struct span text;
    struct span compact; /* SPAN_NONE if the text is bad */
    size_t offset;       /* of the fault */
    const char *what;
};

#define GOOD(literal)                                                                              \
    {                                                                                              \
        {literal, sizeof(literal) - 1}, {literal, sizeof(literal) - 1}, 0, NULL                    \
    }
#define LOOSE(literal, compact)                                                                    \
    {                                                                                              \
        {literal, sizeof(literal) - 1}, {compact, sizeof(compact) - 1}, 0, NULL                    \
    }
#define BAD(literal, offset, what)                                                                 \
    {                                                                                              \
        {literal, sizeof(literal) - 1}, {NULL, 0}, offset, what                                    \
    }

#define END "unexpected end"
#define VALUE "value expected"
#define COMMA "comma or closing bracket expected"
#define KEY "key expected"
#define COLON "colon expected"
#define MORE "more than one value"
#define DIGIT "digit expected"
#define ZERO "leading zero"
#define RANGE "number out of range"
#define CHARACTER "unexpected character"
#define CONTROL "control character in a string"
#define ESCAPE "invalid escape"
#define HEX "hexadecimal digit expected"
#define SURROGATE "lone surrogate"
#define UTF8 "invalid UTF-8"
#define TWICE "duplicate key"
#define DEEP "nested too deep"

#define TEN_ZEROS "0000000000"
#define HUNDRED_ZEROS                                                                              \
    TEN_ZEROS TEN_ZEROS TEN_ZEROS TEN_ZEROS TEN_ZEROS TEN_ZEROS TEN_ZEROS TEN_ZEROS TEN_ZEROS      \
        TEN_ZEROS
#define EIGHT_OPEN "[[[[[[[["
#define EIGHT_CLOSE "]]]]]]]]"
/*
 * All digits but the last of the number halfway between the greatest double and the next power of
 * two: a 2 makes it halfway, which rounds to infinity; a 1 is below.
 */
#define HALFWAY                                                                                    \
    "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017"   \
    "977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273"   \
    "854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704"   \
    "34271155969950809304288017790417449779"
#define TEN_NINES "9999999999"
#define HUNDRED_NINES                                                                              \
    TEN_NINES TEN_NINES TEN_NINES TEN_NINES TEN_NINES TEN_NINES TEN_NINES TEN_NINES TEN_NINES      \
        TEN_NINES

static const struct json_case json_cases[] = {
    /* Words. */
    GOOD("null"),
    GOOD("true"),
    GOOD("false"),
    BAD("nul", 3, END),
    BAD("nulL", 3, CHARACTER),
    BAD("Null", 0, VALUE),
    BAD("TRUE", 0, VALUE),
    BAD("truE", 3, CHARACTER),
    BAD("fals", 4, END),
    BAD("flase", 1, CHARACTER),
    BAD("nullx", 4, MORE),
    BAD("truefalse", 4, MORE),
    BAD("undefined", 0, VALUE),
    BAD("NaN", 0, VALUE),
    BAD("nan", 1, CHARACTER),
    BAD("Infinity", 0, VALUE),
    BAD("-Infinity", 1, DIGIT),
    BAD("None", 0, VALUE),

    /* Space and what is none. */
    LOOSE(" null", "null"),
    LOOSE("null ", "null"),
    LOOSE(" \t\r\nnull\n\r\t ", "null"),
    LOOSE("[ ]", "[]"),
    LOOSE("{\n}", "{}"),
    LOOSE("[ 1 , 2\t,\r\n3 ]", "[1,2,3]"),
    LOOSE("{ \"a\" : 1 , \"b\" : [ ] }", "{\"a\":1,\"b\":[]}"),
    LOOSE("{\"a b\" : \" c  d \"}", "{\"a b\":\" c  d \"}"),
    LOOSE("[\" \\\" \" , \"\\\\\" , 1]", "[\" \\\" \",\"\\\\\",1]"),
    BAD("", 0, END),
    BAD(" ", 1, END),
    BAD("\n\n\n", 3, END),
    BAD("\vnull", 0, VALUE),
    BAD("\fnull", 0, VALUE),
    BAD("null\f", 4, MORE),
    BAD("\302\240null", 0, VALUE),
    BAD("[1,\302\2402]", 3, VALUE),
    BAD("\357\273\277null", 0, VALUE),
    BAD("\0", 0, VALUE),
    BAD("null\0", 4, MORE),
    BAD("[1\0]", 2, COMMA),
    BAD("\342\200\250null", 0, VALUE),
    BAD("tr ue", 2, CHARACTER),
    BAD("1 2", 2, MORE),

    /* Whole numbers. */
    GOOD("0"),
    GOOD("-0"),
    GOOD("7"),
    GOOD("-7"),
    GOOD("10"),
    GOOD("1234567890"),
    GOOD("9007199254740993"),
    GOOD("9223372036854775807"),
    GOOD("-9223372036854775808"),
    GOOD("18446744073709551616"),
    GOOD("123456789012345678901234567890123456789012345678901234567890"),
    BAD("-", 1, END),
    BAD("--1", 1, DIGIT),
    BAD("+1", 0, VALUE),
    BAD("- 1", 1, DIGIT),
    BAD("00", 0, ZERO),
    BAD("01", 0, ZERO),
    BAD("-01", 1, ZERO),
    BAD("[-00]", 2, ZERO),
    BAD("012.5", 0, ZERO),
    BAD("0x10", 1, MORE),
    BAD("1_000", 1, MORE),
    BAD("1,000", 1, MORE),
    BAD("0b1", 1, MORE),
    BAD("0o7", 1, MORE),
    BAD("1a", 1, MORE),
    BAD("-a", 1, DIGIT),
    BAD("[1-2]", 2, COMMA),
    BAD("\331\241", 0, VALUE),
    BAD("\357\274\221", 0, VALUE),

    /* Fractions and exponents. */
    GOOD("0.0"),
    GOOD("-0.0"),
    GOOD("0.5"),
    GOOD("-1.25"),
    GOOD("3.141592653589793238462643383279502884197"),
    GOOD("1e0"),
    GOOD("1E0"),
    GOOD("1e+5"),
    GOOD("1e-5"),
    GOOD("1E+05"),
    GOOD("1e0000000000000000000000000000002"),
    GOOD("0e0"),
    GOOD("-0e-0"),
    GOOD("1.5e3"),
    GOOD("1.0E-10"),
    BAD(".5", 0, VALUE),
    BAD("-.5", 1, DIGIT),
    BAD("1.", 2, END),
    BAD("[1.]", 3, DIGIT),
    BAD("1.e5", 2, DIGIT),
    BAD("1..5", 2, DIGIT),
    BAD("1.5.5", 3, MORE),
    BAD("1e", 2, END),
    BAD("1e+", 3, END),
    BAD("[1e]", 3, DIGIT),
    BAD("[1e-]", 4, DIGIT),
    BAD("1e+-5", 3, DIGIT),
    BAD("1e5.5", 3, MORE),
    BAD("1e5e5", 3, MORE),
    BAD("e5", 0, VALUE),
    BAD("1.5f", 3, MORE),
    BAD("1.-5", 2, DIGIT),

    /* The range of a double. */
    GOOD("1e308"),
    GOOD("-1e308"),
    GOOD("1.7976931348623157e308"),
    GOOD("1.7976931348623158e308"),
    GOOD("17976931348623157e292"),
    GOOD("0.00017976931348623157e312"),
    GOOD("5e-324"),
    GOOD("1e-400"),
    GOOD("1e-99999999999999999999"),
    GOOD("0e400"),
    GOOD("-0e99999999999999999999"),
    GOOD("0.000e999"),
    GOOD("0.0000000001e317"),
    GOOD("1" HUNDRED_ZEROS HUNDRED_ZEROS HUNDRED_ZEROS "00000000"),
    GOOD("0." HUNDRED_ZEROS HUNDRED_ZEROS HUNDRED_ZEROS HUNDRED_ZEROS "1e400"),
    GOOD("1" HUNDRED_ZEROS HUNDRED_ZEROS HUNDRED_ZEROS HUNDRED_ZEROS "e-400"),
    GOOD(HALFWAY "1"),
    GOOD("-" HALFWAY "1.9"),
    GOOD(HALFWAY "1." HUNDRED_NINES HUNDRED_NINES HUNDRED_NINES HUNDRED_NINES HUNDRED_NINES),
    BAD(HALFWAY "2", 0, RANGE),
    BAD("[-" HALFWAY "2]", 1, RANGE),
    BAD(HALFWAY "2." HUNDRED_ZEROS HUNDRED_ZEROS HUNDRED_ZEROS HUNDRED_ZEROS HUNDRED_ZEROS "1", 0,
        RANGE),
    BAD("1e309", 0, RANGE),
    BAD("-1e309", 0, RANGE),
    BAD("1e400", 0, RANGE),
    BAD("[0,1e400]", 3, RANGE),
    BAD("2e308", 0, RANGE),
    BAD("1.8e308", 0, RANGE),
    BAD("-1.7976931348623159e308", 0, RANGE),
    BAD("0.1e310", 0, RANGE),
    BAD("10e308", 0, RANGE),
    BAD("1e99999999999999999999", 0, RANGE),
    BAD("1" HUNDRED_ZEROS HUNDRED_ZEROS HUNDRED_ZEROS "000000000", 0, RANGE),
    BAD("1" HUNDRED_ZEROS HUNDRED_ZEROS HUNDRED_ZEROS HUNDRED_ZEROS "e-91", 0, RANGE),
    BAD("0." HUNDRED_ZEROS HUNDRED_ZEROS HUNDRED_ZEROS HUNDRED_ZEROS "1e710", 0, RANGE),

    /* Strings. */
    GOOD("\"\""),
    GOOD("\"a\""),
    GOOD("\"hello, world\""),
    GOOD("\"'\""),
    GOOD("\"/* no comment */\""),
    GOOD("\"{[,:]}\""),
    GOOD("\"\177\""),
    GOOD("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
    GOOD("\"\\\\\""),
    GOOD("\"\\\\\\\"\""),
    BAD("\"", 1, END),
    BAD("\"a", 2, END),
    BAD("\"\\\"", 3, END),
    BAD("\"\\", 2, END),
    BAD("a\"", 0, VALUE),
    BAD("'a'", 0, VALUE),
    BAD("\"a\"b\"", 3, MORE),
    BAD("\"a\" \"b\"", 4, MORE),
    BAD("\"\n\"", 1, CONTROL),
    BAD("\"a\tb\"", 2, CONTROL),
    BAD("\"\r\"", 1, CONTROL),
    BAD("\"a\0b\"", 2, CONTROL),
    BAD("\"\037\"", 1, CONTROL),
    BAD("\"\033[0m\"", 1, CONTROL),
    BAD("\"\\\n\"", 1, ESCAPE),
    BAD("\"\\a\"", 1, ESCAPE),
    BAD("\"\\v\"", 1, ESCAPE),
    BAD("\"\\0\"", 1, ESCAPE),
    BAD("\"\\'\"", 1, ESCAPE),
    BAD("\"\\N\"", 1, ESCAPE),
    BAD("\"\\x41\"", 1, ESCAPE),
    BAD("\"\\ \"", 1, ESCAPE),
    BAD("\"\\\0\"", 1, ESCAPE),
    BAD("\"\\U0041\"", 1, ESCAPE),
    BAD("\"ok\\e\"", 3, ESCAPE),

    /* \u. */
    GOOD("\"\\u0041\""),
    GOOD("\"\\u0000\""),
    GOOD("\"\\uabCD\""),
    GOOD("\"\\uFFFF\""),
    GOOD("\"\\ud7ff\""),
    GOOD("\"\\ue000\""),
    GOOD("\"\\ud83d\\ude00\""),
    GOOD("\"\\uD800\\uDC00\""),
    GOOD("\"\\uDBFF\\uDFFF\""),
    GOOD("\"\\\\ud800\""),
    GOOD("\"\\u00410\""),
    BAD("\"\\u\"", 3, HEX),
    BAD("\"\\u004\"", 6, HEX),
    BAD("\"\\u00g0\"", 5, HEX),
    BAD("\"\\u 041\"", 3, HEX),
    BAD("\"\\u+041\"", 3, HEX),
    BAD("\"\\u", 3, END),
    BAD("\"\\u00", 5, END),
    BAD("\"\\u0041", 7, END),
    BAD("\"\\u{41}\"", 3, HEX),
    BAD("\"\\ud800\"", 1, SURROGATE),
    BAD("\"\\udbff\"", 1, SURROGATE),
    BAD("\"\\udc00\"", 1, SURROGATE),
    BAD("\"\\uDFFF\"", 1, SURROGATE),
    BAD("\"\\udc00\\ud800\"", 1, SURROGATE),
    BAD("\"\\ud800\\ud800\"", 1, SURROGATE),
    BAD("\"\\ud800\\ue000\"", 1, SURROGATE),
    BAD("\"\\ud800x\"", 1, SURROGATE),
    BAD("\"\\ud800\\n\"", 1, SURROGATE),
    BAD("\"\\ud800\\\\udc00\"", 1, SURROGATE),
    BAD("\"\\ud800\\u\"", 9, HEX),
    BAD("\"\\ud800\\udc0", 12, END),
    BAD("\"\\ud800", 7, END),
    BAD("\"\\ud83d\\ude00\\ude00\"", 13, SURROGATE),
    BAD("\"\\ud800\355\260\200\"", 1, SURROGATE),

    /* UTF-8. */
    GOOD("\"\303\244\""),
    GOOD("\"\342\202\254\""),
    GOOD("\"\360\237\230\200\""),
    GOOD("\"\302\200\""),
    GOOD("\"\337\277\""),
    GOOD("\"\340\240\200\""),
    GOOD("\"\355\237\277\""),
    GOOD("\"\356\200\200\""),
    GOOD("\"\357\273\277\""),
    GOOD("\"\357\277\277\""),
    GOOD("\"\360\220\200\200\""),
    GOOD("\"\364\217\277\277\""),
    GOOD("{\"\303\274ber\":\"\342\230\203\"}"),
    BAD("\"\200\"", 1, UTF8),
    BAD("\"\277\"", 1, UTF8),
    BAD("\"a\377\"", 2, UTF8),
    BAD("\"\376\"", 1, UTF8),
    BAD("\"\300\200\"", 1, UTF8),
    BAD("\"\301\277\"", 1, UTF8),
    BAD("\"\340\237\277\"", 1, UTF8),
    BAD("\"\360\217\277\277\"", 1, UTF8),
    BAD("\"\355\240\200\"", 1, UTF8),
    BAD("\"\355\277\277\"", 1, UTF8),
    BAD("\"\355\240\275\355\270\200\"", 1, UTF8),
    BAD("\"\364\220\200\200\"", 1, UTF8),
    BAD("\"\365\200\200\200\"", 1, UTF8),
    BAD("\"\370\210\200\200\200\"", 1, UTF8),
    BAD("\"\303\"", 1, UTF8),
    BAD("\"\342\202\"", 1, UTF8),
    BAD("\"\360\237\230\"", 1, UTF8),
    BAD("\"\303(\"", 1, UTF8),
    BAD("\"\342(\254\"", 1, UTF8),
    BAD("\"\342\202(\"", 1, UTF8),
    BAD("\"\360\237(\200\"", 1, UTF8),
    BAD("\"\303", 1, UTF8),
    BAD("\"\303\244\244\"", 3, UTF8),
    BAD("{\"\377\":1}", 2, UTF8),
    BAD("\"\344\"", 1, UTF8),

    /* Arrays. */
    GOOD("[]"),
    GOOD("[[]]"),
    GOOD("[[],[],[[]]]"),
    GOOD("[null,true,false,0,\"\",{},[]]"),
    GOOD("[1,1,1]"),
    BAD("[", 1, END),
    BAD("[1", 2, END),
    BAD("[1,", 3, END),
    BAD("[[]", 3, END),
    BAD("]", 0, VALUE),
    BAD("[]]", 2, MORE),
    BAD("[1}", 2, COMMA),
    BAD("[}", 1, VALUE),
    BAD("[,]", 1, VALUE),
    BAD("[1,]", 3, VALUE),
    BAD("[1,,2]", 3, VALUE),
    BAD("[,1]", 1, VALUE),
    BAD("[1 2]", 3, COMMA),
    BAD("[\"a\"\"b\"]", 4, COMMA),
    BAD("[1:2]", 2, COMMA),
    BAD("[1;2]", 2, COMMA),
    BAD("[\"a\":1]", 4, COMMA),
    BAD("[...]", 1, VALUE),
    BAD("[1]x", 3, MORE),
    BAD("(1)", 0, VALUE),
    BAD("1,", 1, MORE),
    BAD("[1,//x\n2]", 3, VALUE),
    BAD("[1/* */]", 2, COMMA),
    BAD("[1,#\n2]", 3, VALUE),

    /* Objects. */
    GOOD("{}"),
    GOOD("{\"a\":1}"),
    GOOD("{\"\":0}"),
    GOOD("{\"a\":{\"a\":{\"a\":{}}}}"),
    GOOD("{\"a\":[{\"a\":1},{\"a\":2}]}"),
    GOOD("{\"a\":1,\"A\":2}"),
    GOOD("{\"\\u0000\":1,\"\":2}"),
    GOOD("{\"__proto__\":1,\"constructor\":2}"),
    BAD("{", 1, END),
    BAD("{\"a\"", 4, END),
    BAD("{\"a\":", 5, END),
    BAD("{\"a\":1", 6, END),
    BAD("{\"a\":1,", 7, END),
    BAD("{\"a", 3, END),
    BAD("}", 0, VALUE),
    BAD("{}}", 2, MORE),
    BAD("{]", 1, KEY),
    BAD("{\"a\":1]", 6, COMMA),
    BAD("{,}", 1, KEY),
    BAD("{\"a\":1,}", 7, KEY),
    BAD("{\"a\":1,,\"b\":2}", 7, KEY),
    BAD("{\"a\"}", 4, COLON),
    BAD("{\"a\",\"b\"}", 4, COLON),
    BAD("{\"a\" 1}", 5, COLON),
    BAD("{\"a\"=1}", 4, COLON),
    BAD("{\"a\"::1}", 5, VALUE),
    BAD("{\"a\":}", 5, VALUE),
    BAD("{:1}", 1, KEY),
    BAD("{a:1}", 1, KEY),
    BAD("{'a':1}", 1, KEY),
    BAD("{1:1}", 1, KEY),
    BAD("{null:1}", 1, KEY),
    BAD("{[]:1}", 1, KEY),
    BAD("{\"a\":1 \"b\":2}", 7, COMMA),
    BAD("{\"a\":1,\"b\"}", 10, COLON),
    BAD("{\"a\":1,2}", 7, KEY),
    BAD("{\"a\nb\":1}", 3, CONTROL),
    BAD("{\"a\":tru}", 8, CHARACTER),
    BAD("{} {}", 3, MORE),
    BAD("{\"a\":1}{\"b\":2}", 7, MORE),

    /* Equal keys. */
    GOOD("{\"a\":1,\"aa\":2,\"aaa\":3,\"b\":4}"),
    GOOD("{\"\\n\":1,\"n\":2,\"\\\\n\":3}"),
    GOOD("{\"\303\244\":1,\"a\314\210\":2}"),
    GOOD("{\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,\"i\":0,\"j\":0}"),
    BAD("{\"a\":1,\"a\":2}", 8, TWICE),
    BAD("{\"\":1,\"\":2}", 7, TWICE),
    BAD("{\"a\":1,\"b\":2,\"a\":1}", 14, TWICE),
    BAD("{\"a\":1,\"\\u0061\":2}", 8, TWICE),
    BAD("{\"\\u0061\":1,\"a\":2}", 13, TWICE),
    BAD("{\"\\u0061b\":1,\"a\\u0062\":2}", 14, TWICE),
    BAD("{\"\303\244\":1,\"\\u00e4\":2}", 9, TWICE),
    BAD("{\"\\u00E4\":1,\"\\u00e4\":2}", 13, TWICE),
    BAD("{\"\360\237\230\200\":1,\"\\ud83d\\ude00\":2}", 11, TWICE),
    BAD("{\"/\":1,\"\\/\":2}", 8, TWICE),
    BAD("{\"\\n\":1,\"\\u000a\":2}", 9, TWICE),
    BAD("{\"\\\\\":1,\"\\u005c\":2}", 9, TWICE),
    BAD("[{\"x\":{\"k\":1,\"k\":2}}]", 14, TWICE),
    BAD("{\"x\":{\"k\":1},\"y\":1,\"x\":2}", 20, TWICE),
    BAD("{\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,\"i\":0,\"j\":0,\"d\":0}",
        62, TWICE),
    BAD("{\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,\"i\":0,\"\\u0063\":0}",
        56, TWICE),

    /* Depth. */
    GOOD(EIGHT_OPEN EIGHT_OPEN EIGHT_OPEN EIGHT_OPEN EIGHT_CLOSE EIGHT_CLOSE EIGHT_CLOSE
             EIGHT_CLOSE),
    BAD(EIGHT_OPEN EIGHT_OPEN EIGHT_OPEN EIGHT_OPEN "[]", 32, DEEP),
    BAD(EIGHT_OPEN EIGHT_OPEN EIGHT_OPEN EIGHT_OPEN "{}", 32, DEEP),
    BAD(EIGHT_OPEN EIGHT_OPEN EIGHT_OPEN "[[[[[[[{\"a\":[]}", 36, DEEP),
    GOOD(EIGHT_OPEN EIGHT_OPEN EIGHT_OPEN
         "[[[[[[[{\"a\":0}]]]]]]]" EIGHT_CLOSE EIGHT_CLOSE EIGHT_CLOSE),
    BAD(EIGHT_OPEN EIGHT_OPEN EIGHT_OPEN EIGHT_OPEN EIGHT_CLOSE, 40, END),

    /* What events look like. */
    GOOD("{\"type\":\"join\",\"data\":{\"session_id\":\"demo\"},\"id\":1}"),
    GOOD("{\"type\":\"object_moved\",\"data\":{\"session_id\":\"demo\",\"name\":\"cube-1\",\"x\":-"
         "1.5,"
         "\"y\":0,\"z\":12,\"rotation\":[0,90,0],\"scale\":1}}"),
    LOOSE("{\n  \"world\": {\n    \"size\": 25,\n    \"free\": [ { }, null ]\n  }\n}\n",
          "{\"world\":{\"size\":25,\"free\":[{},null]}}"),
    BAD("{\"type\":\"join\",\"data\":{\"session_id\":\"demo\"},\"type\":\"leave\"}", 45, TWICE),
    BAD("{\"type\":\"join\",\"data\":{\"session_id\":\"demo\"}", 43, END),
    BAD("{\"data\":{\"x\":1e999}}", 13, RANGE),
};

#endif
