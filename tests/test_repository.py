"""Facts about the repository as a whole."""

import re
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parent.parent
LOCKS = [*sorted(ROOT.glob("requirements*.txt")), ROOT / "src/requirements.txt"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_every_dependency_is_pinned_and_hashed_and_no_index_is_named(lock: Path) -> None:
    """An installation is the same everywhere, from whichever index there is."""
    text = lock.read_text(encoding="utf-8")
    requirements = re.split(r"\n(?=\S)", re.sub(r"(?m)^#.*\n", "", text).strip())

    assert requirements
    assert [entry for entry in requirements if not re.match(r"[\w.\-\[\], ]+==\S+( ; [^\n]+)? \\\n", entry)] == []
    assert [entry for entry in requirements if "--hash=sha256:" not in entry] == []
    assert "://" not in text
    assert "--index" not in text


def test_no_target_of_make_is_led_to_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """SAM and the benchmark ended with the error of a profile that is not there."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "the shell's")

    shown = subprocess.check_output(["make", "--eval", "shown: ; @env", "shown"], cwd=ROOT, text=True)  # noqa: S607 - the user's

    variables = {line for line in shown.splitlines() if line.startswith("AWS_")}
    assert variables == {"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null"}


def test_what_ships_brings_no_aws_sdk() -> None:
    """The Lambda runtime has boto3."""
    names = re.findall(r"(?m)^([\w-]+)", (ROOT / "src/requirements.txt").read_text(encoding="utf-8"))

    assert not {"boto3", "botocore", "s3transfer"} & set(names)


def test_only_what_ships_lies_in_src() -> None:
    """Every file there is a module or the list of what it needs."""
    files = [file for file in (ROOT / "src").rglob("*") if file.is_file() and file.suffix not in {".py", ".pyc"}]

    assert [str(file.relative_to(ROOT)) for file in files] == ["src/requirements.txt"]


@pytest.mark.parametrize(
    "file", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda file: file.name
)
def test_no_documented_command_has_a_secret_among_its_arguments(file: Path) -> None:
    """Every user of the machine can read those; a file, which standard input is as well, only its owner."""
    commands = re.sub(r"\\\n\s*", "", file.read_text(encoding="utf-8")).splitlines()
    values = [
        value for command in commands for value in re.findall(r"aws .*--(?:secret-string|value)[ =](\S+)", command)
    ]

    assert [value for value in values if not value.startswith("file://")] == []
    assert values or file.name not in {"README.md", "operations.md"}


@pytest.mark.parametrize("file", ["CONTRIBUTING.md", "docs/design.md"])
def test_every_path_in_the_guides_exists(file: str) -> None:
    """A file or folder that moves is moved there, too; a path begins at the root or at a package."""
    text = (ROOT / file).read_text(encoding="utf-8")
    paths = re.findall(r"`([\w.-]+/[\w./-]*)`", text)
    roots = [
        ROOT / root
        for root in (".", "docs", "proton_notifier", "src", "src/notifier", "src/notifier/channels", "tests")
    ]

    assert paths
    assert [path for path in paths if not any((root / path).exists() for root in roots)] == []


def test_what_ships_to_lambda_is_what_the_command_runs() -> None:
    """The demo's functions are the real ones, with the versions that they are deployed with."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert {*settings["dependency-groups"]["lambda"]} < {*settings["project"]["dependencies"]}


def test_what_is_published_is_what_is_packaged() -> None:
    """The Serverless Application Repository shows the version, the licence and the files of this repository."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    block = template.partition("AWS::ServerlessRepo::Application:")[2].partition("AWS::CloudFormation::Interface:")[0]
    application = dict(re.findall(r"^    (\w+): (.*)$", block, re.MULTILINE))

    assert application["Name"] == project["name"]
    assert application["SemanticVersion"] == project["version"]
    assert application["SpdxLicenseId"] == project["license"]
    assert f"\nDescription: {application['Description']}\n" in template
    assert len(application["Description"]) <= 256
    assert re.fullmatch(r"[a-z0-9](([a-z0-9]|-(?!-))*[a-z0-9])?", application["Author"])
    assert all((ROOT / application[name]).is_file() for name in ("LicenseUrl", "ReadmeUrl"))


def test_a_commit_is_checked_by_what_make_check_runs() -> None:
    """The hooks are the same commands, and fetch nothing."""
    recipes = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ncheck:")[2].partition("\nformat:")[0]
    commands = re.findall(r"^\t@\$\(BIN\)/(.*?)(?: \|\| .*)?$", recipes, re.MULTILINE)
    (local,) = yaml_parse((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]

    assert local["repo"] == "local"
    assert sorted(hook["entry"] for hook in local["hooks"]) == sorted(f".venv/bin/{command}" for command in commands)
    assert all(hook["language"] == "system" and hook["pass_filenames"] is False for hook in local["hooks"])


def test_the_workflow_runs_everything_with_pinned_actions() -> None:
    """A tag of an action can be moved; a commit cannot."""
    text = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    ((_, job),) = yaml_parse(text)["jobs"].items()

    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert re.findall(r"uses: (?!actions/[\w-]+@[0-9a-f]{40} # v[\d.]+\n)", text) == []
    assert yaml_parse(text)["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("form", sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")), ids=lambda form: form.stem)
def test_an_issue_asks_for_what_is_needed_to_repeat_it(form: Path) -> None:
    """An event without the names of its sender, and what a person expects or needs."""
    issue = yaml_parse(form.read_text(encoding="utf-8"))
    fields = {field["id"]: field for field in issue["body"]}

    assert issue["name"]
    assert issue["description"]
    assert {field["type"] for field in fields.values()} <= {"input", "textarea"}
    assert all(field["attributes"]["label"] for field in fields.values())
    assert "notifier redact" in fields["event"]["attributes"]["description"]


def test_the_changelog_has_the_sections_that_keep_a_changelog_knows() -> None:
    """Each version has some of them, and no other."""
    headings = re.findall(r"^### (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert headings
    assert {*headings} <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@pytest.mark.parametrize("environment", ["default", "staging", "prod"])
def test_each_configuration_of_sam_deploys_and_names_no_region(environment: str) -> None:
    """A region that is written down would win over that of the profile, and the stack would be where nobody looks."""
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))[environment]
    deployment = {**settings["global"]["parameters"], **settings["deploy"]["parameters"]}

    assert deployment["stack_name"].startswith("proton-notifier")
    assert deployment["capabilities"] == "CAPABILITY_IAM"
    assert deployment["resolve_s3"]
    assert "region" not in deployment


def test_no_module_is_long_and_no_folder_is_full() -> None:
    """No module of the product has over 200 lines, and no folder over twelve modules."""
    modules = [file for folder in ("bench", "proton_notifier", "src") for file in (ROOT / folder).rglob("*.py")]
    folders = Counter(file.parent for file in modules)

    assert [file for file in modules if len(file.read_text(encoding="utf-8").splitlines()) > 200] == []
    assert [folder for folder, number in folders.items() if number > 12] == []
