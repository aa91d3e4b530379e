"""A template's conditions, judged as CloudFormation does: on text."""

from collections.abc import Callable, Mapping
from typing import Any, Final

NO_VALUE: Final = {"Ref": "AWS::NoValue"}
FUNCTIONS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "Fn::And": all,
    "Fn::Equals": lambda two: two[0] == two[1],
    "Fn::Join": lambda said: said[0].join(said[1]),
    "Fn::Not": lambda one: not one[0],
    "Fn::Or": any,
    "Fn::Select": lambda said: said[1][int(said[0])],
    "Fn::Split": lambda said: said[1].split(said[0]),
}


def conditioned(template: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Return what there is of *template* if its parameters, or AWS's own, are *given* or else as by default.

    Gone are its conditions, each resource and output whose own is false, each Fn::If, and each AWS::NoValue.
    """
    values = dict(given) | {
        name: text.split(",") if "List" in parameter["Type"] else text
        for name, parameter in template["Parameters"].items()
        for text in [str(given.get(name, parameter.get("Default", "")))]
    }

    def holds(name: str) -> bool:
        return bool(_judged({"Condition": name}, template["Conditions"], values))

    left = {name: section for name, section in template.items() if name != "Conditions"}
    for section in ("Resources", "Outputs"):
        left[section] = {
            name: _chosen({key: each for key, each in entry.items() if key != "Condition"}, holds)
            for name, entry in template.get(section, {}).items()
            if "Condition" not in entry or holds(entry["Condition"])
        }
    return left


def _judged(said: Any, conditions: Mapping[str, Any], values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a condition's part
    match said:
        case {"Condition": str(name)}:
            return _judged(conditions[name], conditions, values)
        case {"Ref": name}:
            return values[name]
        case dict():
            ((function, argument),) = said.items()
            return FUNCTIONS[function](_judged(argument, conditions, values))
        case list():
            return [_judged(each, conditions, values) for each in said]
    return str(said).lower() if isinstance(said, bool) else str(said)


def _chosen(said: Any, holds: Callable[[str], bool]) -> Any:  # noqa: ANN401 - a template's part
    match said:
        case {"Fn::If": [name, then, otherwise]}:
            return _chosen(then if holds(name) else otherwise, holds)
        case dict():
            return {key: kept for key, each in said.items() if (kept := _chosen(each, holds)) != NO_VALUE}
        case list():
            return [kept for each in said if (kept := _chosen(each, holds)) != NO_VALUE]
    return said
