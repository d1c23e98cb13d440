"""What the parser's complaints mean to a person. Its own texts quote the file, which may hold a password."""

Words = tuple[str, str, bool]
"""Problem, hint, and whether the start of what is unfinished is the better place to show than its end."""

_QUOTES = "put the whole value in 'single quotes'"

_TABLE: tuple[tuple[str, Words], ...] = (
    ("found character '\\t'", ("a tab is used here", "use spaces for indenting", False)),
    (
        "found character '",
        ("a value cannot start with this character", f"{_QUOTES} if it begins with @, % or a back quote", False),
    ),
    (
        "mapping values are not allowed",
        (
            "there is a colon where none can be",
            f"check the indentation of this line and the one above; {_QUOTES} if it holds a colon and a space",
            False,
        ),
    ),
    (
        "could not find expected ':'",
        ("this line is neither a key with a colon nor a list entry", "write 'key: value' or '- value'", True),
    ),
    (
        "expected <block end>",
        ("the indentation does not fit the lines above", "begin each line of a block in the same column", False),
    ),
    ("expected ',' or ']'", ("a list in [ ] is not closed", "separate its values by commas and end with ]", True)),
    ("expected ',' or '}'", ("a mapping in { } is not closed", "separate its keys by commas and end with }", True)),
    ("found unexpected end of stream", ("a quote is opened here and never closed", "add the closing quote", True)),
    ("found unexpected document separator", ("a quote is opened here and never closed", "add the closing quote", True)),
    ("found undefined alias", ("this alias is not defined above", f"{_QUOTES} if it begins with *", False)),
    ("second occurrence", ("this anchor is defined twice", f"{_QUOTES} if it begins with &", False)),
    (
        "found unknown escape character",
        ("a backslash means something else in double quotes", "use single quotes instead", False),
    ),
    (
        "expected escape sequence",
        ("a backslash means something else in double quotes", "use single quotes instead", False),
    ),
    ("but found another document", ("the file holds more than one document", "remove the line ---", False)),
    (
        "expected the node content",
        ("a value is missing here, or begins with a character that needs quotes", _QUOTES, False),
    ),
    ("expected alphabetic", ("a name is missing after *, & or !", f"{_QUOTES} if it begins with one of them", False)),
    ("expected ' '", ("a value cannot start like this", _QUOTES, False)),
    (
        "expected '<document start>'",
        ("the indentation does not fit the lines above", "begin each line of a block in the same column", False),
    ),
    ("expected chomping", ("nothing may follow | or > in its line", f"{_QUOTES} if it begins with | or >", False)),
    ("found undefined tag handle", ("this tag is not known", f"{_QUOTES} if it begins with !", False)),
)

_UNKNOWN: Words = ("this is not valid YAML", "check indentation, quotes and brackets here and in the line above", False)


def words_for(problem: str) -> Words:
    """Return what to tell a person for a problem text of the YAML parser."""
    return next((words for start, words in _TABLE if problem.startswith(start)), _UNKNOWN)
