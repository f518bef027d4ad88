"""Response schemas that are hard to fit: each keyword beside those that it depends on.

`SCHEMAS` can be satisfied, all of them; `UNSATISFIABLE` cannot. Names, patterns and formats are
those that pydantic, zod and people write.
"""

# ruff: noqa: E501 patterns stay as people write them

from __future__ import annotations

from typing import Any


def members(**properties: Any) -> dict[str, Any]:
    """An object with these members, all required."""
    return {"type": "object", "properties": properties, "required": list(properties)}


TEXT = {"type": "string"}
SCHEMAS: dict[str, Any] = {}
SCHEMAS["pattern_len"] = members(
    a={"type": "string", "pattern": "^[A-Z]+$", "minLength": 7, "maxLength": 9}
)
SCHEMAS["pattern_len2"] = members(
    a={"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$", "minLength": 20, "maxLength": 22}
)
SCHEMAS["pattern_format"] = members(
    a={"type": "string", "pattern": "@example\\.org$", "format": "email"}
)
SCHEMAS["pattern_format_date"] = members(a={"type": "string", "pattern": "^2031", "format": "date"})
SCHEMAS["pattern_format_uri"] = members(
    a={"type": "string", "pattern": "^https://docs\\.", "format": "uri"}
)
SCHEMAS["pattern_format_uuid"] = members(a={"type": "string", "pattern": "^abcd", "format": "uuid"})
SCHEMAS["pattern_dt"] = members(a={"type": "string", "pattern": "Z$", "format": "date-time"})
SCHEMAS["zod_starts_ends"] = members(
    a={"type": "string", "allOf": [{"pattern": "^abc.*"}, {"pattern": ".*xyz$"}]}
)
SCHEMAS["zod_starts_ends_inc"] = members(
    a={
        "type": "string",
        "allOf": [{"pattern": "^https:\\/\\/.*"}, {"pattern": ".*\\.png$"}, {"pattern": "cdn"}],
        "maxLength": 40,
    }
)
SCHEMAS["allOf_patterns_len"] = members(
    a={
        "type": "string",
        "allOf": [{"pattern": "^A"}, {"pattern": "[0-9]{3}$"}],
        "minLength": 10,
        "maxLength": 10,
    }
)
SCHEMAS["multipleOf_dec"] = members(
    a={"type": "number", "multipleOf": 0.01, "minimum": 0.1, "maximum": 0.13}
)
SCHEMAS["multipleOf_int"] = members(
    a={"type": "integer", "multipleOf": 7, "minimum": 50, "maximum": 56}
)
SCHEMAS["multi_two"] = members(
    a={"type": "integer", "allOf": [{"multipleOf": 6}, {"multipleOf": 4}], "minimum": 13}
)
SCHEMAS["anchor"] = {
    "type": "object",
    "properties": {"a": {"$ref": "#addr"}},
    "required": ["a"],
    "$defs": {
        "x": {
            "$anchor": "addr",
            "type": "object",
            "properties": {"zip": {"type": "string", "pattern": "^\\d{5}$"}},
            "required": ["zip"],
        }
    },
}
SCHEMAS["id_ref"] = {
    "$id": "https://x.example/root.json",
    "type": "object",
    "properties": {"a": {"$ref": "item.json"}},
    "required": ["a"],
    "$defs": {"i": {"$id": "item.json", "type": "integer", "minimum": 41, "maximum": 41}},
}
SCHEMAS["id_ref_abs"] = {
    "$id": "https://x.example/root.json",
    "type": "object",
    "properties": {"a": {"$ref": "https://x.example/item.json#/$defs/q"}},
    "required": ["a"],
    "$defs": {"i": {"$id": "item.json", "$defs": {"q": {"const": "Q"}}}},
}
SCHEMAS["dynamicRef"] = {
    "$id": "https://x.example/tree",
    "$dynamicAnchor": "node",
    "type": "object",
    "properties": {
        "v": {"type": "integer"},
        "kids": {"type": "array", "items": {"$dynamicRef": "#node"}},
    },
    "required": ["v", "kids"],
}
SCHEMAS["dynamicRef2"] = {
    "$id": "https://x.example/strict",
    "$dynamicAnchor": "node",
    "$ref": "tree",
    "unevaluatedProperties": False,
    "$defs": {
        "t": {
            "$id": "tree",
            "$dynamicAnchor": "node",
            "type": "object",
            "properties": {
                "v": {"type": "integer"},
                "kids": {"type": "array", "minItems": 1, "items": {"$dynamicRef": "#node"}},
            },
            "required": ["v"],
        }
    },
}
SCHEMAS["recursive_required"] = {
    "type": "object",
    "properties": {"v": TEXT, "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}},
    "required": ["v", "next"],
}
SCHEMAS["dependentSchemas"] = {
    "type": "object",
    "properties": {"card": {"type": "integer"}, "billing": TEXT},
    "required": ["card"],
    "dependentSchemas": {
        "card": {"required": ["billing"], "properties": {"billing": {"minLength": 5}}}
    },
}
SCHEMAS["dependentRequired"] = {
    "type": "object",
    "properties": {"a": TEXT, "b": TEXT},
    "required": ["a"],
    "dependentRequired": {"a": ["b"]},
}
SCHEMAS["draft7_dependencies"] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {"a": TEXT, "b": {"type": "integer"}},
    "required": ["a"],
    "dependencies": {"a": ["b"]},
}
SCHEMAS["draft7_dependencies_schema"] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {"a": TEXT},
    "required": ["a"],
    "dependencies": {"a": {"required": ["c"], "properties": {"c": {"const": 3}}}},
}
SCHEMAS["draft7_definitions"] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {"a": {"$ref": "#/definitions/x"}},
    "required": ["a"],
    "definitions": {"x": {"enum": ["p", "q"]}},
}
SCHEMAS["draft7_items_list"] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "a": {
            "type": "array",
            "items": [{"type": "integer"}, {"type": "string"}],
            "additionalItems": False,
            "minItems": 2,
        }
    },
    "required": ["a"],
}
SCHEMAS["not_const"] = members(a={"type": "string", "enum": ["x", "y", "z"], "not": {"const": "x"}})
SCHEMAS["not_type"] = members(a={"not": {"type": ["string", "object", "null", "boolean", "array"]}})
SCHEMAS["not_required"] = {
    "type": "object",
    "properties": {"a": TEXT, "b": TEXT},
    "minProperties": 1,
    "not": {"required": ["a"]},
}
SCHEMAS["not_pattern"] = members(a={"type": "string", "minLength": 3, "not": {"pattern": "^[a-z]"}})
SCHEMAS["not_anyOf"] = members(
    a={
        "type": "integer",
        "minimum": 0,
        "maximum": 5,
        "not": {"anyOf": [{"const": 0}, {"const": 1}, {"maximum": 3}]},
    }
)
SCHEMAS["contains"] = members(
    a={
        "type": "array",
        "items": {"type": "integer"},
        "contains": {"minimum": 100},
        "minContains": 2,
        "maxContains": 3,
        "maxItems": 6,
    }
)
SCHEMAS["maxContains"] = members(
    a={
        "type": "array",
        "items": {"type": "integer", "minimum": 0, "maximum": 3},
        "contains": {"const": 1},
        "maxContains": 1,
        "minItems": 4,
    }
)
SCHEMAS["minContains0"] = members(
    a={
        "type": "array",
        "items": {"type": "string"},
        "contains": {"type": "integer"},
        "minContains": 0,
        "minItems": 1,
    }
)
SCHEMAS["uniqueItems"] = members(
    a={
        "type": "array",
        "items": {"type": "integer", "minimum": 1, "maximum": 5},
        "uniqueItems": True,
        "minItems": 5,
    }
)
SCHEMAS["uniqueItems_enum"] = members(
    a={"type": "array", "items": {"enum": ["r", "g", "b"]}, "uniqueItems": True, "minItems": 3}
)
SCHEMAS["uniq_objects"] = members(
    a={
        "type": "array",
        "items": members(n={"enum": [1, 2]}, m={"type": "boolean"}),
        "uniqueItems": True,
        "minItems": 4,
    }
)
SCHEMAS["unevaluatedProperties"] = {
    "type": "object",
    "allOf": [{"properties": {"a": TEXT}, "required": ["a"]}],
    "properties": {"b": {"type": "integer"}},
    "required": ["b"],
    "unevaluatedProperties": False,
}
SCHEMAS["unevaluatedProperties_schema"] = {
    "type": "object",
    "properties": {"a": TEXT},
    "required": ["a"],
    "unevaluatedProperties": {"type": "integer"},
    "minProperties": 3,
}
SCHEMAS["unevaluatedItems"] = members(
    a={
        "type": "array",
        "prefixItems": [TEXT, {"type": "integer"}],
        "unevaluatedItems": False,
        "minItems": 2,
    }
)
SCHEMAS["prefixItems"] = members(
    a={
        "type": "array",
        "prefixItems": [{"const": 1}, {"type": "string"}],
        "items": {"type": "boolean"},
        "minItems": 4,
    }
)
SCHEMAS["unicode_prop"] = members(a={"type": "string", "pattern": "^\\p{Lu}\\p{Ll}+$"})
SCHEMAS["unicode_prop2"] = members(a={"type": "string", "pattern": "^[\\p{L}\\p{N}_]{5,8}$"})
SCHEMAS["inline_i"] = members(a={"type": "string", "pattern": "(?i)^hello$"})
SCHEMAS["lookahead"] = members(
    a={"type": "string", "pattern": "^(?=.*[A-Z])(?=.*[a-z])(?=.*\\d)[A-Za-z\\d]{8,12}$"}
)
SCHEMAS["neg_lookahead"] = members(a={"type": "string", "pattern": "^(?!foo)[a-z]{3}$"})
SCHEMAS["neg_lookahead2"] = members(a={"type": "string", "pattern": "^(?!.*\\.\\.)[a-z.]{5,}$"})
SCHEMAS["lookbehind"] = members(a={"type": "string", "pattern": "^[a-z]+(?<=ing)$"})
SCHEMAS["backref"] = members(a={"type": "string", "pattern": "^(a|b)\\1$"})
SCHEMAS["named_backref"] = members(a={"type": "string", "pattern": "^(?P<q>['\"]).{3}(?P=q)$"})
SCHEMAS["named_js"] = members(a={"type": "string", "pattern": "^(?<y>\\d{4})-(?<m>0[1-9]|1[0-2])$"})
SCHEMAS["password"] = members(
    a={"type": "string", "pattern": "^(?=.*[!@#$%])(?=.*[0-9]).{10,}$", "maxLength": 14}
)
SCHEMAS["propertyOrdering"] = {
    "type": "object",
    "properties": {"a": TEXT, "b": TEXT, "c": TEXT},
    "required": ["a", "b", "c"],
    "propertyOrdering": ["c", "a", "b"],
}
SCHEMAS["schema_true"] = True
SCHEMAS["empty"] = {}
SCHEMAS["prop_true"] = members(a=True)
SCHEMAS["patternProperties"] = {
    "type": "object",
    "patternProperties": {"^x_[a-z]+$": {"type": "integer"}},
    "additionalProperties": False,
    "minProperties": 2,
}
SCHEMAS["propertyNames"] = {
    "type": "object",
    "propertyNames": {"pattern": "^[a-z]{3}$"},
    "additionalProperties": {"type": "integer"},
    "minProperties": 3,
}
SCHEMAS["propertyNames_enum"] = {
    "type": "object",
    "propertyNames": {"enum": ["a", "b", "c"]},
    "additionalProperties": {"type": "number"},
    "minProperties": 3,
}
SCHEMAS["required_undeclared"] = {"type": "object", "required": ["a", "b"]}
SCHEMAS["if_then"] = {
    "type": "object",
    "properties": {"k": {"enum": ["card", "cash"]}, "num": TEXT},
    "required": ["k"],
    "if": {"properties": {"k": {"const": "card"}}},
    "then": {"required": ["num"]},
}
SCHEMAS["if_else"] = {
    "type": "object",
    "properties": {"c": {"const": "US"}, "z": TEXT},
    "required": ["c", "z"],
    "if": {"properties": {"c": {"const": "US"}}},
    "then": {"properties": {"z": {"pattern": "^\\d{5}$"}}},
    "else": {"properties": {"z": {"pattern": "^[A-Z]\\d$"}}},
}
SCHEMAS["oneOf_overlap"] = members(a={"oneOf": [{"type": "integer"}, {"minimum": 5}]})
SCHEMAS["oneOf_objs"] = {
    "oneOf": [
        {"type": "object", "properties": {"a": TEXT}, "required": ["a"]},
        {"type": "object", "properties": {"b": TEXT}, "required": ["b"]},
    ]
}
SCHEMAS["anyOf_required"] = {
    "type": "object",
    "properties": {"a": TEXT, "b": TEXT},
    "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
}
SCHEMAS["allOf_merge"] = {
    "allOf": [
        members(a={"type": "integer", "minimum": 3}),
        members(a={"type": "integer", "maximum": 3}),
    ]
}
SCHEMAS["const_obj"] = members(a={"const": {"x": [1, 2, {"y": None}]}})
SCHEMAS["const_null"] = members(a={"const": None})
SCHEMAS["enum_mixed"] = members(a={"enum": [None, 1, "a", [1]]})
SCHEMAS["type_list"] = members(a={"type": ["integer", "null"], "minimum": 10})
SCHEMAS["nullable"] = members(a={"type": "STRING", "nullable": True})
SCHEMAS["exclusive"] = members(a={"type": "integer", "exclusiveMinimum": 4, "exclusiveMaximum": 6})
SCHEMAS["number_tiny"] = members(
    a={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1e-9}
)
SCHEMAS["number_big"] = members(a={"type": "integer", "minimum": 10**20})
SCHEMAS["number_neg"] = members(a={"type": "number", "maximum": -1e300})
for name in [
    "date",
    "time",
    "date-time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uuid",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
]:
    SCHEMAS[f"format {name}"] = members(a={"type": "string", "format": name})
    SCHEMAS[f"format {name}, short"] = members(
        a={"type": "string", "format": name, "maxLength": 60}
    )
SCHEMAS["fmt_len_email"] = members(
    a={"type": "string", "format": "email", "minLength": 40, "maxLength": 50}
)
SCHEMAS["fmt_len_uri"] = members(
    a={"type": "string", "format": "uri", "minLength": 60, "maxLength": 70}
)
SCHEMAS["fmt_len_host"] = members(a={"type": "string", "format": "hostname", "maxLength": 6})
SCHEMAS["contentEncoding"] = members(
    a={"type": "string", "contentEncoding": "base64", "minLength": 8}
)
SCHEMAS["minLen"] = members(a={"type": "string", "minLength": 500, "maxLength": 501})
SCHEMAS["maxLen0"] = members(a={"type": "string", "maxLength": 0})
SCHEMAS["minItems"] = members(a={"type": "array", "items": TEXT, "minItems": 40})
SCHEMAS["maxItems0"] = members(a={"type": "array", "items": TEXT, "maxItems": 0})
SCHEMAS["deep"] = members(
    a=members(
        b=members(
            c=members(
                d=members(e={"type": "array", "items": members(f={"enum": ["k"]}), "minItems": 1})
            )
        )
    )
)
SCHEMAS["minProps"] = {"type": "object", "minProperties": 5, "additionalProperties": TEXT}
SCHEMAS["maxProps"] = {
    "type": "object",
    "properties": {c: TEXT for c in "abcdef"},
    "maxProperties": 2,
    "minProperties": 2,
}
SCHEMAS["pat_email"] = members(
    a={"type": "string", "pattern": "^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\\.[a-zA-Z]{2,}$"}
)
SCHEMAS["pat_semver"] = members(
    a={
        "type": "string",
        "pattern": "^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(?:-((?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\\.(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?$",
    }
)
SCHEMAS["pat_hex"] = members(a={"type": "string", "pattern": "^#(?:[0-9a-fA-F]{3}){1,2}$"})
SCHEMAS["pat_e164"] = members(
    a={"type": "string", "pattern": "^\\+[1-9]\\d{1,14}$", "minLength": 12}
)
SCHEMAS["pat_iban"] = members(
    a={
        "type": "string",
        "pattern": "^[A-Z]{2}\\d{2}[A-Z0-9]{11,30}$",
        "maxLength": 22,
        "minLength": 22,
    }
)
SCHEMAS["pat_url"] = members(
    a={
        "type": "string",
        "pattern": "^https?:\\/\\/(www\\.)?[-a-zA-Z0-9@:%._\\+~#=]{1,256}\\.[a-zA-Z0-9()]{1,6}\\b([-a-zA-Z0-9()@:%_\\+.~#?&//=]*)$",
    }
)
SCHEMAS["pat_boundary"] = members(a={"type": "string", "pattern": "\\bfoo\\b", "minLength": 12})
SCHEMAS["pat_uni"] = members(a={"type": "string", "pattern": "^\\u00e9+$"})
SCHEMAS["pat_slug"] = members(
    a={"type": "string", "pattern": "^[a-z0-9]+(?:-[a-z0-9]+)*$", "maxLength": 3}
)
SCHEMAS["zod_base64"] = members(
    a={
        "type": "string",
        "format": "base64",
        "contentEncoding": "base64",
        "pattern": "^$|^(?:[0-9a-zA-Z+/]{4})*(?:(?:[0-9a-zA-Z+/]{2}==)|(?:[0-9a-zA-Z+/]{3}=))?$",
    }
)
SCHEMAS["zod_uuid"] = members(
    a={
        "type": "string",
        "format": "uuid",
        "pattern": "^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$",
    }
)
SCHEMAS["zod_email"] = members(
    a={
        "type": "string",
        "format": "email",
        "pattern": "^(?!\\.)(?!.*\\.\\.)([A-Za-z0-9_'+\\-\\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$",
    }
)
SCHEMAS["zod_datetime"] = members(
    a={
        "type": "string",
        "format": "date-time",
        "pattern": "^(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))T(?:(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d+)?)?(?:Z))$",
    }
)
SCHEMAS["zod_cuid2"] = members(a={"type": "string", "format": "cuid2", "pattern": "^[0-9a-z]+$"})
SCHEMAS["zod_ipv6"] = members(
    a={
        "type": "string",
        "format": "ipv6",
        "pattern": "^(([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,7}:)$",
    }
)
SCHEMAS["hard_beside_easy"] = members(
    a={"type": "string", "pattern": "^(?=.*q)(?=.*z)(?!.*a)[a-z]{5}$"},
    b={"type": "integer", "minimum": 3},
    c={"enum": ["x"]},
)
SCHEMAS["ref_siblings"] = {
    "type": "object",
    "properties": {"a": {"$ref": "#/$defs/s", "maxLength": 3}},
    "required": ["a"],
    "$defs": {"s": {"type": "string", "minLength": 3}},
}
SCHEMAS["pointer_escape"] = {
    "type": "object",
    "properties": {"a": {"$ref": "#/$defs/x~1y~0z%25"}},
    "required": ["a"],
    "$defs": {"x/y~z%": {"const": 9}},
}
SCHEMAS["discriminator"] = {
    "type": "object",
    "properties": {
        "pet": {
            "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
            "discriminator": {"propertyName": "t"},
        }
    },
    "required": ["pet"],
    "$defs": {
        "Cat": {
            "type": "object",
            "properties": {"t": {"const": "cat"}, "lives": {"type": "integer"}},
            "required": ["t", "lives"],
            "additionalProperties": False,
        },
        "Dog": {
            "type": "object",
            "properties": {"t": {"const": "dog"}, "bark": TEXT},
            "required": ["t", "bark"],
            "additionalProperties": False,
        },
    },
}

UNSATISFIABLE: dict[str, Any] = {
    "false": False,
    "min_gt_max": members(a={"type": "integer", "minimum": 5, "maximum": 4}),
    "enum_type": members(a={"type": "integer", "enum": ["x"]}),
    "uniq": members(
        a={"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 3}
    ),
    "pat": members(a={"type": "string", "pattern": "^a$", "minLength": 2}),
    "not_self": members(a={"type": "string", "not": {"type": "string"}}),
}
