import pytest

from bench import results
from bench.report.page import MarkError, fill, pages


def test_each_page_has_the_figures_of_the_last_run() -> None:
    """`python -m bench --render` writes them from the stored results, so each can be measured again."""
    for file, text in pages(results.read()):
        assert file.read_text(encoding="utf-8") == text


def test_figures_go_between_their_marks() -> None:
    """The text between the marks is replaced, all other text is kept."""
    text = "a\n<!-- bench: cost -->\nold\n<!-- bench: end -->\nb\n"

    assert fill(text, "cost", "new") == "a\n<!-- bench: cost -->\n\nnew\n\n<!-- bench: end -->\nb\n"


@pytest.mark.parametrize("text", ["", "<!-- bench: cost -->\n", "<!-- bench: end --><!-- bench: cost -->\n"])
def test_a_missing_mark_is_named(text: str) -> None:
    """An error is better than the figures of another run."""
    with pytest.raises(MarkError, match="there is no <!-- bench: cost --> with <!-- bench: end --> after it"):
        fill(text, "cost", "new")
