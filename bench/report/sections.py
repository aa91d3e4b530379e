"""The sections of RESULTS.md that are tables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bench.measure.stats import ratios, spread
from bench.report.tables import NONE, figure, table
from bench.report.targets import FLOOR, FUNCTIONS, OURS, cpu_ms, own_cpu_ms, targets
from bench.results import Fault, Measured, Run, Start, Storm

NOT_MEASURED: Final = "NOT MEASURED"
# What is sooner waited for nothing, but several start at the same time.
AT_ONCE_SECONDS: Final = 0.35


def aims(run: Run) -> str:
    """List the targets and whether they were met."""
    rows = [
        (each.what, f"{each.limit:g} {each.unit}", f"{figure(each.measured, 2)} {each.unit}", _verdict(met=each.met))
        for each in targets(run)
    ]
    if run.artifact is None:
        rows.append(("artifact, zipped", "5 MB", NOT_MEASURED, NONE))
    return table(("what", "at most", "measured", ""), rows)


def _verdict(*, met: bool) -> str:
    return "met" if met else "**not met**"


def starts(run: Run) -> str:
    """Compare the starts."""
    head = (
        "",
        "import",
        "clients",
        "first event",
        "all three",
        "before the event, to the floor",
        "all three, to the floor",
    )
    cached = [_start(_named(name), [each.starts for each in run.rounds], name) for name in run.rounds[0].starts]
    uncached = [
        _start(f"{_named(name)}, without bytecode", [each.uncached for each in run.rounds], name)
        for name in run.rounds[0].uncached
    ]
    return table(head, [*cached, *uncached])


def _start(shown: str, rounds: Sequence[Mapping[str, Start]], name: str) -> tuple[str, ...]:
    starts, floors = [each[name] for each in rounds], [each[FLOOR] for each in rounds]
    return (
        shown,
        figure(spread([start.load_ms for start in starts])),
        figure(spread([start.connect_ms for start in starts])),
        figure(spread([start.first_ms for start in starts])),
        figure(spread([start.whole_ms for start in starts])),
        figure(ratios([start.early_ms for start in starts], [floor.early_ms for floor in floors]), 2),
        figure(ratios([start.whole_ms for start in starts], [floor.whole_ms for floor in floors]), 2),
    )


def events(run: Run) -> str:
    """Compare what an event takes."""
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
                figure(spread([cpu_ms(each) for each in measured]), 1),
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
    return table(head, rows)


def functions(run: Run) -> str:
    """Tell this project's two functions apart."""
    head = ("", "with latencies: p50 ms", "CPU ms", "apart from the SDK", "logged bytes")
    return table(head, [(_named(name), *_function(run, name)) for name in FUNCTIONS])


def _function(run: Run, name: str) -> Iterator[str]:
    parts = [each.subjects[OURS].parts[name] for each in run.rounds]
    yield figure(spread([part.simulated_ms for part in parts]), 1)
    yield figure(spread([part.cpu_ms for part in parts]), 1)
    yield figure(spread([part.own_cpu_ms or 0 for part in parts]), 1)
    yield figure(spread([part.logged_bytes for part in parts]))


def faults(run: Run) -> str:
    """Say what came of an event under each fault."""
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
    times = "" if len(seconds) == 1 else f" **{len(seconds)} times**"
    moment = f"after {seconds[-1]:.1f} s" if seconds[-1] > AT_ONCE_SECONDS else "at once"
    return f"{channel}{times} {moment}"


def storms(run: Run) -> str:
    """Say what came of the storm."""
    head = ("", "tried", "Slack", "tells of", "emails", "tell of", "lost", "429s", "seconds", "for all", "CPU s")
    return table(head, [(subject, *_storm(storm)) for subject, storm in run.storms.items()])


def _storm(storm: Storm) -> Iterator[str]:
    yield from map(str, (storm.tried, storm.slack_messages, storm.slack_told, storm.emails, storm.emails_told))
    yield f"**{storm.lost}**" if storm.lost else "0"
    yield from (str(storm.refused), f"{storm.seconds:.1f}")
    yield NONE if storm.tried == storm.events else f"{storm.seconds * storm.events / storm.tried:,.0f} s at this pace"
    yield f"{storm.cpu_seconds:.1f}"


def _named(name: str) -> str:
    return f"`handlers.{name}`" if name in FUNCTIONS else name


def _own_cpu(measured: Sequence[Measured]) -> str:
    own = [own_cpu_ms(each) for each in measured]
    return figure(spread(own), 1) if all(own) else NONE
