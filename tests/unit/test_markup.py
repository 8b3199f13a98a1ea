"""HTML made of elements: what strangers write is text there, whatever it holds."""

from html.parser import HTMLParser

import pytest
from hostile import CONTROLS, PLAIN

from cepsim.report.html_table import html_note, html_table
from cepsim.report.markup import element, identity, joined, prose, style, text
from cepsim.report.table import Table
from cepsim.safe import visible


class Read(HTMLParser):
    """What a browser would make of a piece: elements with their attributes, and words."""

    def __init__(self, piece: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(piece)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")


@pytest.mark.parametrize("words", [*PLAIN, *CONTROLS])
def test_any_text_is_shown_as_it_is_and_makes_no_element(words):
    for made in (text, prose):
        read = Read(element("p", made(words), title=words))
        assert [tag for tag, _ in read.elements if tag not in ("code", "wbr")] == ["p"]
        assert read.elements[0][1] == {"title": visible(words)}
        assert read.words.replace("`", "") == visible(words).replace("`", "")


def test_what_is_html_already_is_not_escaped_again():
    assert joined(text("<"), "<", element("b", "&")) == "&lt;&lt;<b>&amp;</b>"
    assert element("meta", http_equiv="x") == '<meta http-equiv="x">'


def test_code_is_told_apart_and_an_identifier_may_break_at_its_dots():
    assert prose("`cepsim note` écrit") == "<code>cepsim note</code> écrit"
    assert "stages.<wbr>conseil.<wbr>interviews" in prose("stages.conseil.interviews.salaries")
    assert prose("0.5 to 1.5") == "0.5 to 1.5"


def test_a_sheet_of_style_closes_nothing():
    with pytest.raises(ValueError, match="<"):
        style("</style><script>")


def test_an_anchor_is_made_of_letters_figures_and_hyphens():
    assert identity("t", 'persons_a "b"') == "t-persons-a-b"


TABLE = Table(
    "k",
    "Titre",
    "Champ : tous. Source : rien.",
    ("Public", "Année", "Reçues", "Verdict"),
    (("CDI", "2015", "1\u202f234 [1\u202f200 ; 1\u202f300]", "tenue"), ("", "2016", "–", "non tenue")),
)


def test_numbers_are_on_the_right_with_their_heads_and_words_are_not():
    read = Read(html_table(TABLE, "fr"))
    cells = [(tag, at.get("class"), at.get("scope")) for tag, at in read.elements if tag in ("th", "td")]
    assert cells[:4] == [
        ("th", None, "col"),
        ("th", "n", "col"),
        ("th", "n", "col"),
        ("th", None, "col"),
    ]
    assert cells[4:8] == [("th", None, "row"), ("td", "n", None), ("td", "n", None), ("td", None, None)]
    assert cells[10] == ("td", "n", None)


def test_a_head_left_empty_is_that_of_the_row_above_for_ears():
    assert html_table(TABLE, "fr").count('<span class="unseen">CDI</span>') == 1


def test_a_table_has_its_caption_its_anchor_and_a_box_that_the_keyboard_reaches():
    read = Read(html_table(TABLE, "fr"))
    assert ("caption", {"class": "unseen"}) in read.elements
    assert read.elements[0] == ("section", {"id": "t-k"})
    (box,) = [at for tag, at in read.elements if tag == "div" and at.get("class") == "box"]
    assert (box["tabindex"], box["aria-labelledby"]) == ("0", "t-k-title")


def test_a_note_has_a_line_a_part_and_ends_with_where_figures_come_from():
    made = html_note("Champ : tous. Ce qui suit. Source : rien.", "fr", "cepsim")
    assert made == (
        '<div class="note"><p><strong>Champ\xa0:</strong> tous. Ce qui suit.</p>'
        "<p><strong>Source\xa0:</strong> rien.</p><p><strong>Source\xa0:</strong> cepsim</p></div>"
    )
    assert html_note("Moyennes.", "en").startswith('<div class="note"><p><strong>Note:</strong> Moyennes.')


def test_a_table_of_many_rows_that_folds_is_closed_until_somebody_asks():
    long = Table("k", "T", "", ("a",), tuple((str(n),) for n in range(101)))
    assert "<details><summary>Afficher les 101 lignes" in html_table(long, "fr", folds=True)
    for table, folds in ((long, False), (TABLE, True)):
        assert "<details>" not in html_table(table, "fr", folds=folds)


def test_a_table_without_rows_is_a_table():
    assert "<tbody></tbody>" in html_table(Table("k", "T", "", ("a", "b"), ()), "fr")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("« oui » : 5 % ; non ?", "«\xa0oui\xa0»\xa0: 5\xa0%\xa0; non\xa0?"),
        (":smile: %(x)s", ":smile: %(x)s"),
    ],
)
def test_no_line_begins_with_high_punctuation_and_what_is_no_sentence_stays(words, shown):
    assert text(words) == shown
