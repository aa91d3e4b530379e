import io
import json
import sys
import tomllib
from pathlib import Path

import pytest

from proton_notifier.common import text_files
from proton_notifier.common.text_files import UnreadableTextError, check_read_once, read_text
from proton_notifier.main import main
from tests.samples import EVENTS, event

FAILURE = EVENTS / "service-instance-deployment-failed.json"
DOCUMENT = '# Größe 🔥\n[[routes]]\nname = "Größe"\nto = ["email"]\n'
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"]
ENDS = ["\n", "\r\n", "\r"]


@pytest.mark.parametrize("end", ENDS, ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("piped", [False, True], ids=["file", "pipe"])
def test_text_is_the_same_in_every_encoding(
    encoding: str, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, piped: bool
) -> None:
    """UTF-8, UTF-16 and UTF-32 are read, with and without a byte order mark, with any line ends."""
    file = tmp_path / "routes.toml"
    file.write_bytes(DOCUMENT.replace("\n", end).encode(encoding))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(file.read_bytes())))

    read = read_text(Path("-") if piped else file)

    assert read == DOCUMENT
    assert tomllib.loads(read)["routes"][0]["name"] == "Größe"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_command_reads_what_powershell_writes(
    encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may write events and routes documents."""
    document, raw = tmp_path / "routes.toml", tmp_path / "event.json"
    document.write_bytes(DOCUMENT.replace("\n", "\r\n").encode(encoding))
    raw.write_bytes(FAILURE.read_text(encoding="utf-8").replace("\n", "\r\n").encode(encoding))

    for arguments in (
        ["routes", "check", str(document)],
        ["routes", "test", str(document), str(raw)],
        ["preview", str(raw)],
        ["preview", "--routes", str(document), str(raw)],
    ):
        assert main(arguments) == 0, capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"# \xe9", "not UTF-8: unexpected end of data at byte 3"),
        (b"name\xff", "not UTF-8: invalid start byte at byte 5"),
        (b"\xff\xfe{", "not UTF-16-LE: truncated data at byte 3"),
        (b"{\x00\x00\xd8", "not UTF-16-LE: unexpected end of data at byte 3"),
    ],
)
def test_undecodable_bytes_are_reported(content: bytes, error: str, tmp_path: Path) -> None:
    """The error has their place."""
    file = tmp_path / "file"
    file.write_bytes(content)

    with pytest.raises(UnreadableTextError) as refused:
        read_text(file)

    assert str(refused.value) == error


def test_joined_files_keep_no_mark_between_them(tmp_path: Path) -> None:
    """`type a.json b.json > both.json` leaves a mark before each."""
    file = tmp_path / "both.json"
    file.write_bytes("\ufeff\ufeff{}\r\n\ufeff{}\r\n".encode())

    assert read_text(file) == "{}\n{}\n"


def test_an_endless_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """/dev/zero would fill the memory."""
    monkeypatch.setattr(text_files, "SIZE_LIMIT", 2 * 1024**2)

    with pytest.raises(UnreadableTextError, match=r"\Amore than 2 MiB\Z"):
        read_text(Path("/dev/zero"))


@pytest.mark.parametrize("command", ["preview", "routes"])
def test_events_come_through_a_pipe(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command with files reads standard input, too."""
    document = tmp_path / "routes.toml"
    document.write_text(DOCUMENT, encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(FAILURE.read_bytes())))

    status = main([command, *(["test", str(document)] if command == "routes" else []), "-", "--output", "json"])

    shown = json.loads(capsys.readouterr().out)
    assert status == 0
    assert (shown["file"], shown["id"]) == ("-", event(FAILURE.stem)["id"])


@pytest.mark.parametrize(
    "arguments", [["preview", "-", "-"], ["preview", "--routes", "-", "-"], ["routes", "test", "-", "-"]]
)
def test_standard_input_is_read_once(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is left of it for a second time."""
    assert main(arguments) == 1
    assert capsys.readouterr().err == "-: standard input can be only one of the files\n"


def test_one_file_may_be_given_twice() -> None:
    """Only standard input may not."""
    check_read_once([FAILURE, FAILURE, Path("-")])


def test_a_sample_event_keeps_the_name_that_was_given(capsys: pytest.CaptureFixture[str]) -> None:
    """The folder of the installation is not shown."""
    assert main(["preview", "--channel", "slack", "service-created"]) == 0

    assert capsys.readouterr().out.startswith("\nservice-created: success\n")
