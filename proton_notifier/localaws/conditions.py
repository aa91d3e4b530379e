"""The conditions of a template, evaluated as CloudFormation does: on text."""

from collections.abc import Callable, Mapping
from typing import Any, Final

NO_VALUE: Final = {"Ref": "AWS::NoValue"}
FUNCTIONS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "Fn::And": all,
    "Fn::Equals": lambda pair: pair[0] == pair[1],
    "Fn::Join": lambda pair: pair[0].join(pair[1]),
    "Fn::Not": lambda single: not single[0],
    "Fn::Or": any,
    "Fn::Select": lambda pair: pair[1][int(pair[0])],
    "Fn::Split": lambda pair: pair[1].split(pair[0]),
}


def resolve_conditions(template: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Return *template* without conditions: without each Fn::If, AWS::NoValue, and resource or output that is off.

    Parameters and AWS's pseudo parameters have the *given* values, or else the template's defaults.
    """
    values = dict(given) | {
        name: text.split(",") if "List" in parameter["Type"] else text
        for name, parameter in template["Parameters"].items()
        for text in [str(given.get(name, parameter.get("Default", "")))]
    }

    def holds(name: str) -> bool:
        return bool(_evaluate({"Condition": name}, template["Conditions"], values))

    resolved = {name: section for name, section in template.items() if name != "Conditions"}
    for section in ("Resources", "Outputs"):
        resolved[section] = {
            name: _resolve_ifs({key: each for key, each in entry.items() if key != "Condition"}, holds)
            for name, entry in template.get(section, {}).items()
            if "Condition" not in entry or holds(entry["Condition"])
        }
    return resolved


def _evaluate(node: Any, conditions: Mapping[str, Any], values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a condition's part
    match node:
        case {"Condition": str(name)}:
            return _evaluate(conditions[name], conditions, values)
        case {"Ref": name}:
            return values[name]
        case dict():
            ((function, argument),) = node.items()
            return FUNCTIONS[function](_evaluate(argument, conditions, values))
        case list():
            return [_evaluate(each, conditions, values) for each in node]
    return str(node).lower() if isinstance(node, bool) else str(node)


def _resolve_ifs(node: Any, holds: Callable[[str], bool]) -> Any:  # noqa: ANN401 - a template's part
    match node:
        case {"Fn::If": [name, then, otherwise]}:
            return _resolve_ifs(then if holds(name) else otherwise, holds)
        case dict():
            return {key: kept for key, each in node.items() if (kept := _resolve_ifs(each, holds)) != NO_VALUE}
        case list():
            return [kept for each in node if (kept := _resolve_ifs(each, holds)) != NO_VALUE]
    return node
