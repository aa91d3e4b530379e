"""The commands of the command line of `notifier`."""

from collections.abc import Mapping
from typing import Final

# By name: the summary in its help, and its arguments, of which " | " wants exactly one. The module
# `proton_notifier.<command>.command` runs a command; a task follows its command after a blank.
COMMANDS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "demo": (
        "deploy the template into an AWS in this process and show what teams would receive",
        ("--events DIR", "--out DIR", "--storm N", "--slack-down TIME", "--rate-limit"),
    ),
    "incidents": ("list what is failing, and show what happened to a resource and who was told of it", ()),
    "incidents list": (
        "list the open incidents: since when, how often it failed, who was told, and the next reminder",
        ("--stack NAME", "--region", "--output {text,json}"),
    ),
    "incidents show": (
        "show the last changes of a resource, what was decided about each, and where it went",
        ("resource RESOURCE", "--stack NAME", "--region"),
    ),
    "preview": (
        "show the messages that events become, without AWS",
        ("events EVENT.json", "--channel", "--output {html,json,text}", "--routes FILE", "--out FILE"),
    ),
    "redrive": (
        "list the messages in a stack's dead-letter queues and send them back",
        ("--stack NAME", "--region", "--limit N", "--dry-run", "--yes"),
    ),
    "replay": (
        "play a history of events through the whole stack in simulated time, and show what each place would be told",
        ("files FILE", "--routes FILE", "--for DURATION", "--output {html,json,text}"),
    ),
    "routes": ("check a routes document, see what it does with events, and make it the live one", ()),
    "routes check": (
        "report what is wrong with a routes document, and where",
        ("document FILE", "--stack STACK", "--region"),
    ),
    "routes test": (
        "show which routes match events, which do not and on which key, and where the events go",
        ("document FILE", "events EVENT.json", "--at TIME", "--output {text,json}"),
    ),
    "routes show": ("print the live document of a stack", ("--stack NAME", "--region")),
    "routes push": (
        "check a document, show what changes, ask, and make it the live one",
        ("document FILE", "--stack NAME", "--region", "--yes"),
    ),
    "send-test": (
        "send a marked test message through a deployed stack and report where it arrives, or what stops it",
        ("--stack NAME", "--region", "--severity", "--to NAME", "--timeout TIME"),
    ),
    "silence": ("list the silences of a stack, add one, and end one", ()),
    "silence list": ("list the silences of the live document", ("--stack NAME", "--region")),
    "silence add": (
        "silence the events that match, until a certain time",
        (
            *("--stack NAME", "--region", "--yes", "--match KEY=GLOB", "--not KEY=GLOB"),
            *("--until TIME | --for TIME", "--reason TEXT", "--by NAME"),
        ),
    ),
    "silence expire": ("end a silence now", ("--stack NAME", "--region", "--yes", "number N")),
}
