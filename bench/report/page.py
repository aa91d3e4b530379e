"""RESULTS.md: what a run found, to be read by people."""

from dataclasses import dataclass
from typing import Final

from bench.report import sections
from bench.results import Run

ABOUT: Final = """\
One event in, one Slack message and one email (a publish to SNS) out; everybody on the same stand-in for Slack and
AWS, on loopback, each in a fresh process. Rounds are interleaved: each measures every subject once. A ratio compares
values of the same round. Figures are the median of the rounds, with the lowest and the highest in brackets."""

TROUBLES: Final = """\
The name is `<!channel> <https://evil|click> "}`. What a call returns when something is lost matters: whoever runs it,
be it Lambda or a queue, tries again only what failed. This project's calls put a message off, and the queue brings it
back."""

STORM: Final = """\
{events:,} events at once, and a Slack that takes one message a second and answers others by 429. Who is called once
an event has {seconds:.0f} seconds. Alertmanager's one message counts the alerts and names none of them; this
project's digests name each change or say how many more there are."""

HOW: Final = """\
- **The floor** is no peer but the least that has to be done: the very bytes that this project sends, by boto3 and
  urllib3 over kept connections, in two threads at once. It reads no event, decides nothing and remembers nothing.
- **proton-notifier** is both functions, each in a process of its own with the environment that `template.yaml` gives
  it. What is between them, SQS and Lambda's event source mapping, the benchmark does outside of the clocks: an
  event's time is that of the two invocations. In AWS a delivery also waits for the mapping, for up to {window}
  seconds unless `BatchingWindowSeconds` says otherwise, so that a storm can become digests.
- **apprise**: `Apprise().add(slack, sns).notify(title, body)`. It pauses before each of its requests to SNS, of which
  it makes two a message. **c7n-mailer**: `MailerSqsQueueProcessor(configuration, session,
  log).process_sqs_message(message)`, with a message of its own format and its own templates. Both have Slack's
  address in their code, apprise SNS's as well: in their processes `requests` connects to the stand-in instead, and
  all else is as it was.
- **Alertmanager** is Debian's server, told by `POST /api/v2/alerts`; `group_wait` is 0 s, and in the storm {window} s
  like our batching window; `group_interval` is 5 s instead of its default, 5 minutes. It is a server that runs all the
  time; the start counts until it is ready.
- **Start**: a new process whose clock runs before the first import. "Import" is the handler's module, or boto3 and
  urllib3; "clients" is what is made before the first event, and our handlers make theirs in the first invocation. Of
  the floor and of our functions it is the median of {starts} starts a round. "Without bytecode" is what a build makes
  that finds no Python of Lambda's version: the sources and packages that are uploaded have no `__pycache__`, urllib3
  among them for the floor as well, and boto3 and botocore, which Lambda's runtime has, keep their own.
- **Latencies**: 60 ms for a new connection, 100 ms for a request to Slack, 15 ms for one to AWS. An event's time ends
  when the stand-in has answered the later of the two channels; what a subject still writes down is not in it.
  On loopback it ends with the call, but for Alertmanager's.
- **CPU** is the process's, all threads together. Apart from the SDK: in a second pass botocore's `_make_api_call` and
  urllib3's `urlopen` are wrapped in the measuring process, each thread's time inside of them is added up and taken
  off.
- **Peak memory** is the largest resident set of the process.
- **Faults**: one event goes well, the next one meets the fault. What is put off comes back in real time."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a run was set up."""

    storm_events: int
    storm_seconds: float
    window_seconds: int
    starts: int


def page(run: Run, terms: Terms, cost: str) -> str:
    """Write it, with *cost* as the section on costs."""
    machine = ", ".join(f"{name}: {value}" for name, value in run.machine.items())
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    absent = "\n\n".join(f"**{sections.NOT_MEASURED}: {name}**, {why}." for name, why in run.absent.items())
    parts = (
        "# This project beside its peers",
        f"{run.date}, by `{run.command}`. Machine: {machine}.",
        ABOUT,
        absent,
        "![The median event with latencies, and the start, of each subject](results.svg)",
        "## Targets",
        sections.aims(run),
        "## Start",
        "Milliseconds.",
        sections.starts(run),
        "## One event",
        sections.events(run),
        "The two functions of this project:",
        sections.functions(run),
        "## Faults",
        sections.faults(run),
        TROUBLES,
        "## A storm",
        sections.storms(run),
        STORM.format(events=terms.storm_events, seconds=terms.storm_seconds),
        "## Cost",
        cost,
        "## How it is measured",
        HOW.format(window=terms.window_seconds, starts=terms.starts),
        f"Versions: {versions}.",
    )
    return "\n\n".join(part for part in parts if part) + "\n"
