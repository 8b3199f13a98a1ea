"""Texts that a stranger may put in a file: what must reach a terminal, a table or a page as plain text."""

import unicodedata

#: What a spreadsheet would take for a formula.
FORMULAS = (
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://example.org","ici")',
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    " =1+1",
)
#: What a page, or a reader of Markdown, would take for its own.
MARKUP = (
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "&lt;b&gt; & <!-- ",
    "]]></text><script/>",
    "[ici](javascript:alert(1))",
    "![image](https://example.org/x.png)",
    "`code` | **gras** | # titre",
    r"C:\temp\| a",
)
#: What a terminal's library, or a drawing's, would take for its own.
SIGNS = (
    "[red]rouge[/red] [link=https://example.org]x[/link] [/]",
    ":smile: {title} {0} %s %(x)s ${HOME}",
    r"$\frac{1}{0}$ $x",
    "__import__('os').system('echo')",
)
#: What a file system would take for a place.
PATHS = ("../../etc/passwd", "/etc/passwd", "..", "C:\\Windows\\x", "~/x", "con", "a/b")
LONG = "très long " * 190

#: Texts without control characters: a scenario may hold them in its words.
PLAIN = (*FORMULAS, *MARKUP, *SIGNS, *PATHS, LONG)

#: Texts that drive a terminal or turn the reading around: refused in the words of a scenario.
CONTROLS = (
    "\x1b[31mrouge\x1b[0m",
    "\x1b]8;;https://example.org\x07ici\x1b]8;;\x07",
    "a\x00b",
    "a\rb",
    "a\tb",
    "\x7f\x08\x9b31m",
    "a\u202egpj.exe",
    "\u2066x\u2069",
    "\u200e\u200f\u200b",
    "\ufeffx",
)
TEXTS = (*PLAIN, *CONTROLS)


def drives_a_terminal(text: str) -> bool:
    """Whether a text that was printed holds anything but signs to read and line ends."""
    return any(sign != "\n" and unicodedata.category(sign).startswith("C") for sign in text)
