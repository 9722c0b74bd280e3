"""What is wrong with text that is not Python, in words for people who begin with it."""

from __future__ import annotations

import re
from typing import NamedTuple

from racecraft.sandbox.findings import Finding, Severity
from racecraft.sandbox.reading.program import lines_of, plain, shown


class _Cause(NamedTuple):
    """A usual cause of syntax errors: how it is known, and what to do."""

    words: str
    """Pattern in what Python says, in any case."""
    line: str
    """Pattern in the line of the user's."""
    advice: str


_CAUSES = (
    # What was copied along with the code.
    _Cause("", r"^\s*(```|~~~)", "It marks code on a web page and was copied along; delete it."),
    _Cause("", r"^\s*(>>>|\.\.\.|In ?\[\d*\]:) ", "Delete the prompt at the start of each line."),
    _Cause("", r"^(<{7}|={7}|>{7})", "It is left over from merging two versions; choose one."),
    _Cause("", r"&(lt|gt|amp|quot|nbsp);", "Write <, >, & and quotes instead of HTML's codes."),
    _Cause("", r"^\s*</?[a-zA-Z!][^<>]*>\s*$", "It is HTML; copy only the code of the page."),
    _Cause("", r"^\s*\{\\rtf", "The file is a Rich Text document; save it as plain text."),
    _Cause("", r"^PK\x03\x04|^%PDF", "The file is no text; give the Python file itself."),
    _Cause("", r"^\s*\d+[.:|]?\s+(def|if|elif|else|return|import)\b", "Delete the line numbers."),
    _Cause(
        "invalid character|unterminated|invalid syntax",
        "[“”„‟‘’‚«»′″]",
        "Its quotes are typographic, as in a PDF or on a web page; type them again as ' or \".",
    ),
    _Cause(
        r"non-printable character|U\+(00A0|3000|200B|FEFF)",
        "",
        "It holds an invisible character from a web page; type its spaces again.",
    ),
    _Cause("invalid character", "", "Type the sign again: + - * / , : ( ) as on the keyboard."),
    # What other languages write.
    _Cause("", r"^\W*(else\s+if|elseif|elsif)\b", "Python writes `elif`."),
    _Cause("", r"&&", "Python writes `and`."),
    _Cause("", r"\|\|", "Python writes `or`."),
    _Cause("invalid syntax", r"(^|[\s(])!\s*[A-Za-z_(]", "Python writes `not`."),
    _Cause("", r"\w(\+\+|--)\s*;?\s*($|#)", "Python writes `+= 1` or `-= 1`."),
    _Cause("", r"(?<![=<>!])(=<|=>|=!)(?!=)|<>", "Python writes `<=`, `>=` and `!=`."),
    _Cause("invalid", r"/\*|\*/|^\s*//|[\s;]//\s*\D*$", "A remark begins with `#` in Python."),
    _Cause("", r"^\s*(function|func|fn|void|public)\s", "Python begins a function with `def`."),
    _Cause("", r"^\s*(var|let|const|int|float|double|bool)\s+\w+\s*=", "Delete the first word."),
    _Cause("", r"\bthen\s*:?\s*$", "Python needs no `then`; end the line with a colon."),
    _Cause("", r"^\s*(if|elif|else|for|while|def)\b.*\{\s*$", "Write `:` instead of `{`."),
    _Cause("", r"^\s*(switch)\b", "Python writes `if` and `elif`, or `match`."),
    _Cause("call to 'print'", "", 'This is Python 2. Write brackets: print("...").'),
    _Cause("call to 'exec'", "", "This is Python 2, and `exec` is not there for rewards."),
    # Slips.
    _Cause("taberror|tabs and spaces", "", "Indent with spaces only, four for each level."),
    _Cause("maybe you meant '=='", "", "To compare, write `==`; `=` gives a name a value."),
    _Cause("expected ':'", "", "Such a line ends with a colon."),
    _Cause(
        "invalid syntax",
        r"^\s*((if|elif|for|while|def|class|with)\b[^:]*|(else|try|finally)\s*)(#.*)?$",
        "Such a line ends with a colon.",
    ),
    _Cause(
        "was never closed|unexpected eof",
        "",
        "The bracket that opens here is not closed; add the one that is missing.",
    ),
    _Cause("unmatched|does not match opening", "", "Count the brackets: one is too many or few."),
    _Cause("unterminated triple", "", "The text that begins here needs three quotes at its end."),
    _Cause("unterminated|eol while scanning", "", "Close the text with the quote that opens it."),
    _Cause(
        "expected an indented block",
        "",
        "What belongs to the line above must be indented by four more spaces; "
        "where there is nothing to do, write `pass`.",
    ),
    _Cause(
        "unexpected indent",
        "",
        "It is indented more than the line above, without a reason; remove spaces.",
    ),
    _Cause(
        "unindent does not match",
        "",
        "It is indented unlike all lines above; give it exactly the spaces of its block.",
    ),
    _Cause("forgot a comma", "", "Look for a missing comma, operator or bracket."),
    _Cause(
        "invalid (decimal|hexadecimal|octal|binary) literal|invalid digit",
        "",
        "A number has no unit, and a name cannot begin with a digit.",
    ),
    _Cause("leading zeros", "", "Write the number without the zeros before it."),
    _Cause("cannot assign to|cannot delete", "", "Only a name can stand to the left of `=`."),
    _Cause("outside function", "", "Indent the line, so that it belongs to the function."),
    _Cause("outside loop|not properly in loop", "", "It has a meaning only in `for` and `while`."),
    _Cause("global declaration|and global", "", "Make `global` the first line of the function."),
    _Cause("nonlocal", "", "For a variable outside of all functions, write `global`."),
    _Cause("expected 'except'", "", "After `try:` and its block, write `except:` and a block."),
    _Cause("line continuation", "", "A backslash may only end a line; was this copied from JSON?"),
    _Cause("f-string", "", "Look at the braces and the quotes in the text that begins with f."),
    _Cause("positional argument follows", "", "Write values without a name before `name=value`."),
    _Cause("duplicate argument", "", "Give each argument a name of its own."),
    _Cause("future", "", "Make it the first line of the file."),
)
_OTHERWISE = "Look for a missing bracket, quote, operator or colon here and in the line above."


def explained(source: str, error: Exception) -> Finding:
    """What to say about text that Python's parser refuses."""
    if not isinstance(error, SyntaxError):
        return Finding(Severity.ERROR, _not_text(source, error))
    lines = lines_of(source)
    number = min(max(error.lineno or 1, 1), len(lines))
    text = lines[number - 1]
    words = f"{type(error).__name__}: {error.msg}"
    if "\0" in source:
        return Finding(Severity.ERROR, _not_text(source, error))
    message = (
        f"Python cannot read the line {shown(text, 100)} ({plain(error.msg, 120)}). "
        f"{_advice(words, text[:1000])}"
    )
    column = min(max(error.offset or 1, 1), len(text) + 1)
    return Finding(Severity.ERROR, message, number, column)


def _advice(words: str, line: str) -> str:
    for cause in _CAUSES:
        if re.search(cause.words, words, re.IGNORECASE) and re.search(cause.line, line):
            return cause.advice
    return _OTHERWISE


def _not_text(source: str, error: Exception) -> str:
    if "\0" in source:
        return "The file holds zero bytes, so it is no plain text. Save it as UTF-8 text."
    if isinstance(error, RecursionError | MemoryError):
        return (
            "The program is nested too deeply for Python to read. Write long chains of "
            "operators, brackets or `elif` as a table, and look the value up."
        )
    return f"Python cannot read the file ({plain(str(error), 120)}). Save it as plain UTF-8 text."
