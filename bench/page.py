"""RESULTS.md: what a run found, to be read by people."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from bench.results import Fault, Measured, Part, Run, Storm
from bench.spread import Spread, ratios, spread
from bench.targets import FLOOR, early_start, targets, whole_start

NONE: Final = "–"
NOT_MEASURED: Final = "NOT MEASURED"

ABOUT: Final = """\
One event in, one Slack message and one email (an SNS publish) out; everybody on the same stand-in for Slack and AWS, on
loopback, each in a fresh process. Rounds are interleaved: each measures every subject once. A ratio compares
values of the same round. Figures are the median of the rounds, and in brackets the lowest and the highest.
"""
HOW: Final = """\
## How it is measured

- **The floor** is no peer but the least that has to be done: the very bytes that this project sends, by boto3 and urllib3
  over kept connections, in two threads at once. It reads no event, decides nothing, remembers nothing.
- **proton-notifier** is both functions, `handlers.proton` and `handlers.delivery`, each in a process of its own with the
  environment that `template.yaml` gives it. What is between them, SQS and Lambda's event source mapping, is done by the
  benchmark outside of the clocks: an event's time is that of the two invocations. In AWS a delivery also waits
  for the mapping, up to the batching window, which is there to make digests of storms ({window} s unless set otherwise).
- **apprise**: `Apprise().add(slack, sns).notify(title, body)`. It pauses between its own requests to SNS.
  **c7n-mailer**: `MailerSqsQueueProcessor(configuration, session, log).process_sqs_message(message)`, a message in its own format.
  Both have Slack's host in their code (apprise SNS's, too); in their processes `requests` is led to the stand-in instead, and nothing else is
  changed. **Alertmanager** is Debian's server on loopback, told by `POST /api/v2/alerts`, with `group_wait` 0 s (5 s in
  the storm, as our batching window) and `group_interval` 5 s, whose default is 5 minutes; its time ends with the
  stand-in's answer to the later channel.
- **Start**: a new process, its clock running before the first import. "Import" is the handler's module, or boto3 and
  urllib3; "clients" is what is made before the first event (our handlers make theirs at the first invocation).
  "Without bytecode" is a copy of what is uploaded, no `__pycache__` in it, as Lambda gets it; boto3, which is in
  Lambda's runtime, keeps its own.
- **Latencies**: 60 ms for a new connection, 100 ms for each request to Slack, 15 ms for each to AWS.
- **CPU** is the process's time, all threads together. Apart from the SDK: in a second pass, botocore's `_make_api_call` and
  urllib3's `urlopen` are wrapped in the measuring process, each thread's time within them is added up, and subtracted.
- **Peak memory** is the process's largest resident set.
- **Faults**: one event goes well, the next one meets the fault. What is put off comes back when its visibility timeout is over, in real time.
- **Storm**: {storm} events at once, and a Slack that takes one message a second. Who is called once an event has {seconds} seconds.
"""


def page(run: Run, about: str, storm_events: int, storm_seconds: float, window_seconds: int) -> str:
    """Write it."""
    sections = (
        f"# This project beside its peers\n\n{run.date}, by `{run.command}` in {len(run.rounds)} rounds, on "
        + ", ".join(f"{name}: {value}" for name, value in run.machine.items())
        + ".\n\n"
        + ABOUT,
        *[f"**{NOT_MEASURED}: {name}**, {why}." for name, why in run.absent.items()],
        "![The median event with latencies, and the start, of each subject](results.svg)",
        "## Targets\n\n" + _targets(run),
        "## Start\n\nMilliseconds.\n\n" + _starts(run),
        "## One event\n\n" + _events(run),
        "## Faults\n\n" + _faults(run),
        "## A storm\n\n" + _storms(run),
        about.rstrip(),
        HOW.format(storm=storm_events, seconds=round(storm_seconds), window=window_seconds).rstrip(),
        "Versions: " + ", ".join(f"{name} {version}" for name, version in run.versions.items()) + ".",
    )
    return "\n\n".join(each.rstrip() for each in sections if each) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table; the first column is text, the others are figures."""
    marks = ["---", *["--:" for _ in head[1:]]]
    return "\n".join("| " + " | ".join(each) + " |" for each in (head, marks, *rows))


def figure(found: Spread, digits: int = 0, unit: str = "") -> str:
    """Write a median with its extremes."""
    middle, lowest, highest = (f"{value:.{digits}f}" for value in (found.middle, found.lowest, found.highest))
    return f"{middle}{unit}" if lowest == highest else f"{middle}{unit} ({lowest}–{highest})"


def _targets(run: Run) -> str:
    rows = [
        (each.what, f"{each.limit:g} {each.unit}", f"{figure(each.measured, 2)} {each.unit}", _verdict(met=each.met))
        for each in targets(run)
    ]
    if run.artifact_bytes is None:
        rows.append(("artifact, zipped", "5 MB", NOT_MEASURED, NONE))
    return table(("what", "at most", "measured", ""), rows)


def _verdict(*, met: bool) -> str:
    return "met" if met else "**not met**"


def _starts(run: Run) -> str:
    rows = []
    for subject, name in _parts(run):
        parts = [each.subjects[subject].parts[name] for each in run.rounds]
        floors = [each.subjects[FLOOR].parts[FLOOR] for each in run.rounds]
        rows.append(
            (
                _named(subject, name),
                *(_over(parts, pick) for pick in (_load, _connect, _first, whole_start)),
                figure(ratios([*map(early_start, parts)], [*map(early_start, floors)]), 2),
                figure(ratios([*map(whole_start, parts)], [*map(whole_start, floors)]), 2),
            )
        )
    for name in run.rounds[0].uncached:
        starts = [each.uncached[name] for each in run.rounds]
        rows.append(
            (
                f"{name}, without bytecode",
                figure(spread([start.load_ms for start in starts])),
                figure(spread([start.connect_ms for start in starts])),
                figure(spread([start.first_ms for start in starts])),
                figure(spread([start.load_ms + start.connect_ms + start.first_ms for start in starts])),
                NONE,
                NONE,
            )
        )
    head = (
        "",
        "import",
        "clients",
        "first event",
        "all three",
        "import and clients, to the floor",
        "all three, to the floor",
    )
    return table(head, rows)


def _events(run: Run) -> str:
    rows = []
    for subject in run.rounds[0].subjects:
        measured = [each.subjects[subject] for each in run.rounds]
        floors = [each.subjects[FLOOR] for each in run.rounds]
        rows.append(
            (
                subject,
                figure(spread([each.loopback.p50_ms for each in measured]), 1),
                figure(spread([each.loopback.p99_ms for each in measured]), 1),
                figure(spread([each.simulated.p50_ms for each in measured]), 1),
                figure(spread([each.simulated.p99_ms for each in measured]), 1),
                figure(
                    ratios([each.simulated.p50_ms for each in measured], [each.simulated.p50_ms for each in floors]), 2
                ),
                figure(spread([_cpu(each) for each in measured]), 1),
                _own_cpu(measured),
                " + ".join(
                    figure(spread([each.parts[name].peak_megabytes for each in measured])) for name in measured[0].parts
                ),
                f"{measured[0].loopback.events}, {measured[0].simulated.events}",
            )
        )
    head = (
        "",
        "p50 ms",
        "p99 ms",
        "with latencies: p50 ms",
        "p99 ms",
        "p50 to the floor",
        "CPU ms",
        "apart from the SDK",
        "peak MB",
        "events a round",
    )
    return (
        table(head, rows)
        + "\n\n"
        + table(
            ("proton-notifier's functions", "with latencies: p50 ms", "CPU ms", "apart from the SDK", "logged bytes"),
            [
                (
                    f"`handlers.{name}`",
                    *(
                        _over([each.subjects[subject].parts[name] for each in run.rounds], pick, 1)
                        for pick in (_simulated, _part_cpu, _part_own_cpu)
                    ),
                    _over([each.subjects[subject].parts[name] for each in run.rounds], _logged),
                )
                for subject, name in _parts(run)
                if name in {"proton", "delivery"}
            ],
        )
    )


def _faults(run: Run) -> str:
    troubles = [*next(iter(run.faults.values()))]
    return table(
        ("", *troubles),
        [(subject, *(_fault(faults[name]) for name in troubles)) for subject, faults in run.faults.items()],
    )


def _fault(fault: Fault) -> str:
    said = f"call: {fault.result}"
    raw = f"raw {' and '.join(fault.raw)} in Slack" if fault.raw else ""
    broken = "invalid JSON sent" if fault.broken else ""
    return "; ".join(each for each in (_came("Slack", fault.slack), _came("SNS", fault.sns), raw, broken, said) if each)


def _came(channel: str, seconds: Sequence[float]) -> str:
    if not seconds:
        return f"**{channel} lost**"
    times = "" if len(seconds) == 1 else f" {len(seconds)} times"
    return f"{channel}{times} after {seconds[-1]:.1f} s"


def _storms(run: Run) -> str:
    return table(
        (
            "",
            "events tried",
            "Slack messages",
            "of events",
            "emails",
            "of events",
            "lost",
            "refused by 429",
            "seconds",
            "CPU s",
        ),
        [(subject, *_storm(storm)) for subject, storm in run.storms.items()],
    )


def _storm(storm: Storm) -> Iterator[str]:
    lost = max(storm.tried - min(storm.slack_told, storm.emails_told), 0)
    yield from map(str, (storm.tried, storm.slack_messages, storm.slack_told, storm.emails, storm.emails_told))
    yield f"**{lost}**" if lost else "0"
    yield from (str(storm.refused), f"{storm.seconds:.1f}", f"{storm.cpu_seconds:.1f}")


def _parts(run: Run) -> list[tuple[str, str]]:
    return [(subject, name) for subject, measured in run.rounds[0].subjects.items() for name in measured.parts]


def _named(subject: str, part: str) -> str:
    return f"`handlers.{part}`" if part in {"proton", "delivery"} else subject


def _over(parts: Sequence[Part], pick: Callable[[Part], float], digits: int = 0) -> str:
    return figure(spread([pick(part) for part in parts]), digits)


def _cpu(measured: Measured) -> float:
    return sum(part.cpu_ms for part in measured.parts.values())


def _own_cpu(measured: Sequence[Measured]) -> str:
    own = [[part.own_cpu_ms for part in each.parts.values() if part.own_cpu_ms is not None] for each in measured]
    return figure(spread([sum(each) for each in own]), 1) if all(own) else NONE


def _load(part: Part) -> float:
    return part.load_ms


def _connect(part: Part) -> float:
    return part.connect_ms


def _first(part: Part) -> float:
    return part.first_ms


def _simulated(part: Part) -> float:
    return part.simulated_ms


def _part_cpu(part: Part) -> float:
    return part.cpu_ms


def _part_own_cpu(part: Part) -> float:
    return part.own_cpu_ms or 0


def _logged(part: Part) -> float:
    return part.logged_bytes
