"""What the reader says about text that is no program, and about functions that nobody can call."""

import pytest

from racecraft.sandbox.reading import MAX_CHARACTERS, read
from tests.sandbox.reading.functions import DEF, ERROR, ONE, function, said

SYNTAX = {
    "python 2": (function("print 'x'", "return 1"), 2, "Write brackets: print"),
    "tabs": (f"{DEF}\tif True:\n        return 1\n", 3, "Indent with spaces only"),
    "curly quotes": (function("return params[“speed”]"), 2, "typographic"),
    "half curly": (function("return params['speed’]"), 2, "typographic"),
    "fence": (f"```python\n{ONE}```", 1, "marks code on a web page"),
    "prompt": (f">>> {DEF}", 1, "Delete the prompt"),
    "notebook prompt": ("In [3]: import math", 1, "Delete the prompt"),
    "merge": (f"<<<<<<< HEAD\n{ONE}", 1, "merging two versions"),
    "html codes": (function("if params['x'] &gt; 1:", "    return 1"), 2, "HTML's codes"),
    "html": ("<html>\n", 1, "It is HTML"),
    "line numbers": ("1  def reward_function(params):\n2      return 1", 1, "line numbers"),
    "no-break space": (f"{DEF}\u00a0   return 1", 2, "type its spaces again"),
    "dash for minus": (function("return 1.0 – 0.5"), 2, "Type the sign again"),
    "word document": ("PK\x03\x04\x14\x00"[:4] + "word", 1, "no text"),
    "rich text": ("{\\rtf1\\ansi", 1, "Rich Text"),
    "escaped": (f"{DEF}    x = 1\\n    return x", 2, "copied from JSON"),
    "no colon after def": ("def reward_function(params)\n    return 1", 1, "ends with a colon"),
    "no colon after if": (function("if params['x'] > 1", "    return 1"), 2, "with a colon"),
    "no colon after else": (function("if 1:", "    pass", "else", "    pass"), 4, "a colon"),
    "open bracket": (function("x = max(1, (2)", "return x"), 2, "is not closed"),
    "closed too often": (function("return 1)"), 2, "Count the brackets"),
    "wrong bracket": (function("return params['x'}"), 2, "Count the brackets"),
    "open text": (function("return 'x"), 2, "Close the text"),
    "open long text": (function('"""what', "return 1"), 2, "three quotes"),
    "equals": (function("if params['x'] = 1:", "    return 1"), 2, "To compare, write `==`"),
    "else if": (function("if 1:", "    pass", "else if 2:", "    pass"), 4, "`elif`"),
    "elseif": (function("if 1:", "    pass", "elseif 2:", "    pass"), 4, "`elif`"),
    "and": (function("return 1 && 2"), 2, "Python writes `and`"),
    "or": (function("return 1 || 2"), 2, "Python writes `or`"),
    "not": (function("if !params['x']:", "    return 1"), 2, "Python writes `not`"),
    "plus plus": (function("x = 1", "x++", "return x"), 3, "`+= 1`"),
    "at most": (function("return 1 =< 2"), 2, "`<=`"),
    "remark": (function("x = 1 // the best", "return x"), 2, "begins with `#`"),
    "long remark": (f"/* mine */\n{ONE}", 1, "begins with `#`"),
    "function": ("function reward_function(params) {\n", 1, "with `def`"),
    "var": (function("var x = 1", "return x"), 2, "Delete the first word"),
    "braces": (function("if (params['x'] > 1) {", "    return 1", "}"), 2, "`:` instead of `{`"),
    "no indent": (f"{DEF}return 1", 2, "four more spaces"),
    "too much indent": (f"{DEF}  x = 1\n    return x", 3, "remove spaces"),
    "odd indent": (f"{DEF}    x = 1\n  return x", 3, "exactly the spaces"),
    "unit": (function("x = 0.5m", "return x"), 2, "has no unit"),
    "zeros": (function("x = 05", "return x"), 2, "without the zeros"),
    "comma": (function("x = [1 2]", "return x"), 2, "missing comma"),
    "left side": (function("1 = params['x']", "return 1"), 2, "To compare"),
    "left call": (function("abs(x) = 1", "return 1"), 2, "To compare"),
    "outside": ("x = 1\nreturn x", 2, "Indent the line"),
    "break": (function("break"), 2, "`for` and `while`"),
    "late global": (function("x = 1", "global x", "return x"), 3, "first line of the function"),
    "try alone": (function("try:", "    x = 1", "return x"), 4, "After `try:`"),
    "two arguments": ("def reward_function(a, a):\n    return 1", 1, "name of its own"),
    "who knows": (function("x = = 1", "return x"), 2, "in the line above"),
}


@pytest.mark.parametrize(("source", "line", "advice"), SYNTAX.values(), ids=SYNTAX)
def test_syntax_errors_are_explained(source: str, line: int, advice: str) -> None:
    finding = said(source, ERROR, line, advice)

    assert "Python cannot read the line" in finding.message
    assert finding.column
    assert len(read(source)) == 1


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("", "is empty"),
        (" \n\t\n", "is empty"),
        ("\ufeff", "is empty"),
        ("x" * (MAX_CHARACTERS + 1), "100,001 characters"),
        ("d\0e\0f\0", "zero bytes"),
        ("x = '\ud800'", "UTF-8"),
        ("x = " + "-" * 50_000 + "1", "nested too deeply"),
        ("x" + ".y" * 40_000, "nested too deeply"),
        ("[" * 5000, "nested"),
    ],
    ids=lambda text: repr(text[:12]),
)
def test_text_that_is_no_program_is_told_in_one_sentence(source: str, part: str) -> None:
    (finding,) = read(source)

    assert finding.severity is ERROR
    assert part in finding.message


def test_no_control_character_of_the_text_reaches_the_reader_of_a_finding() -> None:
    for source in ("x = '\x1b[31m' + y +", "params\u202e['\x07a']", "\x1b[2J", f"{ONE}\x08"):
        assert all(finding.message.isprintable() for finding in read(source)), source


ENTRY = {
    "none": ("import math", None, "There is no function named `reward_function`"),
    "misspelled": ("x = 1\ndef reward_funktion(params):\n    return 1", 2, "`reward_funktion`"),
    "other name": ("def rewards(p):\n    return 1\ndef b(): pass", 1, "Did you mean this one"),
    "in a class": (
        "class A:\n    def reward_function(self, params):\n        return 1",
        2,
        "class",
    ),
    "in a function": (
        "def f():\n    def reward_function(params):\n        return 1",
        2,
        "indented",
    ),
    "json": ('{"speed": 1}', 1, "looks like JSON"),
    "no argument": ("def reward_function():\n    return 1", 1, "takes no argument"),
    "self": ("def reward_function(self, params):\n    return 1", 1, "only in a class"),
    "two": ("def reward_function(params, track):\n    return 1", 1, "wants 2 arguments"),
    "very old": ("def reward_function(on_track, x, y, speed):\n    return 1", 1, "params['speed']"),
    "named only": ("def reward_function(params, *, k):\n    return 1", 1, "wants 2 arguments"),
    "lambda": ("reward_function = lambda: 1", 1, "takes no argument"),
    "async": ("async def reward_function(params):\n    return 1", 1, "`async`"),
    "generator": (function("yield 1"), 2, "`yield`"),
    "nothing": (function("pass"), 1, "never returns a reward"),
    "forgotten": (function("reward = params['speed']"), 1, "return float(reward)"),
    "nothing returned": (function("return"), 2, "never returns a reward"),
    "none returned": (function("if params['x']:", "    return None"), 3, "never returns"),
}


@pytest.mark.parametrize(("source", "line", "part"), ENTRY.values(), ids=ENTRY)
def test_a_reward_function_that_cannot_be_called_is_an_error(
    source: str, line: int | None, part: str
) -> None:
    said(source, ERROR, line, part)


@pytest.mark.parametrize(
    "source",
    [
        "def reward_function(params, verbose=False):\n    return 1",
        "def reward_function(*everything):\n    return 1",
        "def reward_function(params, /, *, k=1, **more):\n    return 1",
        "class R:\n    def __call__(self, params):\n        return 1\nreward_function = R()",
        "import functools\ndef f(k, params):\n    return k\n"
        "reward_function = functools.partial(f, 1)",
        "if True:\n    def reward_function(params):\n        return 1",
        "def w(f):\n    return lambda params: f(params, 1)\n"
        "@w\ndef reward_function(params, k):\n    return k",
        "def reward_function(params):\n    raise NotImplementedError",
    ],
)
def test_what_can_be_called_with_one_argument_is_fine(source: str) -> None:
    assert [finding for finding in read(source) if finding.severity is ERROR] == []
