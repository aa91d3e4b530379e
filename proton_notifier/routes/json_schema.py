"""The JSON Schema of a routes document, for editors, made from the loader's checks."""

from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from notifier.channels import CHANNEL_TYPES, channel_type
from notifier.model.status_change import Severity
from notifier.routes.schema import DocumentSchema
from proton_notifier.routes.output import EMAIL

# taplo, the library of Even Better TOML, supports this version.
DIALECT: Final = "http://json-schema.org/draft-07/schema#"


class _Generator(GenerateJsonSchema):
    """Generator that omits null, which TOML lacks, defaults, which an editor would insert, and class names."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        return {**made, "additionalProperties": False} if "patternProperties" in made else made

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        return {key: value for key, value in super().model_schema(schema).items() if key != "title"}

    def field_title_should_be_set(self, _schema: object) -> bool:
        return False


def json_schema() -> dict[str, Any]:
    """Make the schema; it does not check names of destinations, time zones and templates."""
    schema = DocumentSchema.model_json_schema(schema_generator=_Generator)
    (destinations,) = schema["properties"]["destinations"]["patternProperties"].values()
    destinations["oneOf"] = [_destination(name) for name in sorted(CHANNEL_TYPES)]
    schema["properties"]["destinations"]["propertyNames"] = {"not": {"const": EMAIL.name}}
    schema["$defs"]["QuietHoursSchema"]["anyOf"] = [{"required": [key]} for key in ("from", "to", "days")]
    # The values are for completion in editors; the loader accepts any glob that matches one.
    glob = {"anyOf": [{"enum": [*Severity]}, {"type": "string", "pattern": "[*?]"}]}
    severity = schema["$defs"]["MatchSchema"]["properties"]["severity"]
    severity["anyOf"] = [glob, {"type": "array", "items": glob, "minItems": 1}]
    return {"$schema": DIALECT, "title": "Routes document", **schema}


def _destination(channel: str) -> dict[str, Any]:
    settings = channel_type(channel).settings
    return {
        "properties": {
            "type": {"const": channel},
            **{
                setting.name: {"type": "string", "pattern": f"^(?:{setting.pattern})$", "description": setting.meaning}
                for setting in settings
            },
        },
        "required": ["type", *(setting.name for setting in settings if setting.default is None)],
        "additionalProperties": False,
    }
