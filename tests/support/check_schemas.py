#!/usr/bin/python3
"""The schemas of schema/events are well-formed, alike where they say the same, and keep to the
keywords that core/json/json_schema.h names. What they accept is tested in tests/plugins."""

import json
import sys
from pathlib import Path

EVENTS = Path(__file__).resolve().parents[2] / "schema" / "events"
KEYWORDS = {"type", "properties", "required", "additionalProperties", "enum", "const", "minimum",
            "maximum", "minLength", "maxLength", "items", "maxItems",
            "$schema", "title", "description", "examples"}
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def walk(schema, where):
    for keyword, value in schema.items():
        assert keyword in KEYWORDS, f"{where}: {keyword} is not among the keywords"
        if keyword == "properties":
            for name, part in value.items():
                walk(part, f"{where}/{name}")
        elif keyword in ("items", "additionalProperties") and isinstance(value, dict):
            walk(value, f"{where}/{keyword}")
        elif keyword == "required":
            for name in value:
                assert name in schema["properties"], f"{where}: {name} is required, not described"


def bare(schema):
    """Without null and words: what must be the same in created and updated."""
    if isinstance(schema, dict):
        return {k: bare(v) for k, v in schema.items() if k not in ("description", "required")}
    if isinstance(schema, list):
        rest = [v for v in schema if v not in (None, "null")]
        return rest[0] if len(rest) == 1 else rest
    return schema


def check(name, text):
    assert not [line for line in text.splitlines() if len(line) > 100], "a line is over 100 columns"
    schema = json.loads(text)
    assert schema["$schema"] == DRAFT, "$schema"
    assert schema["title"] == name, "title is not the file's name"
    assert schema["description"].endswith("."), "description is no sentence"
    assert schema["type"] == "object", "data is an object"
    walk(schema, name)
    return schema


def alike(schemas, one, other, part):
    a, b = (bare(schemas[name]["properties"][part]["properties"]) for name in (one, other))
    assert a == b, f"{part} differs between {one} and {other}"


def main():
    failed, schemas = 0, {}

    def case(name, function, *arguments):
        nonlocal failed
        try:
            result = function(*arguments)
            print(f"ok - {name}")
            return result
        except (AssertionError, ValueError, KeyError) as error:
            failed += 1
            print(f"not ok - {name}\n# {error}")
            return None

    for file in sorted(EVENTS.glob("*.json")):
        schemas[file.stem] = case(f"schema {file.stem}", check, file.stem, file.read_text())
    for one, other, part in (("object_created", "object_updated", "object"),
                             ("world_initialized", "world_updated", "world"),
                             ("world_initialized", "session_created", "world")):
        case(f"{one} and {other} describe {part} alike", alike, schemas, one, other, part)
    sys.exit(1 if failed else 0)


main()
