"""Raw agent output to string tables."""

import pytest
from engine.agent_output import parse_agent_output


@pytest.mark.parametrize(
    "output, sections",
    [
        pytest.param("", {}, id="nothing"),
        pytest.param("text before any header\n<<<a>>>\nb\n", {"a": [["b"]]}, id="text before"),
        pytest.param("<<<a>>>\n", {"a": []}, id="empty section"),
        pytest.param("<<<a>>>\nb  c\td \n", {"a": [["b", "c", "d"]]}, id="split at blanks"),
        pytest.param(
            '<<<a:sep(0)>>>\n {"b": 1} \n', {"a": [['{"b": 1}']]}, id="sep(0): whole line"
        ),
        pytest.param("<<<a:sep(124)>>>\nb|c d|\n", {"a": [["b", "c d", ""]]}, id="sep(124)"),
        pytest.param("<<<a>>>\n\n \nb\n", {"a": [["b"]]}, id="blank lines"),
        pytest.param("<<<a>>>\r\nb\r\n", {"a": [["b"]]}, id="carriage returns"),
        pytest.param(
            "<<<a>>>\nb\n<<<c>>>\nd\n<<<a>>>\ne\n",
            {"a": [["b"], ["e"]], "c": [["d"]]},
            id="repeated",
        ),
        pytest.param(
            "<<<a:sep(0)>>>\nb c\n<<<a>>>\nb c\n", {"a": [["b c"], ["b", "c"]]}, id="own separators"
        ),
        pytest.param("<<<a:sep(0):nostrip()>>>\n b \n", {"a": [[" b "]]}, id="nostrip"),
        pytest.param("<<<a>>>\nb\n<<<>>>\nc\n", {"a": [["b"]]}, id="section footer"),
        pytest.param("<<<a b>>>\nc\n<<<d>>>\ne\n", {"d": [["e"]]}, id="damaged header"),
        pytest.param(
            "<<<a>>>\nb\n<<<c-d>>>\ne\n", {"a": [["b"]]}, id="damaged header ends section"
        ),
        pytest.param("<<<a:sep(x)>>>\nb\n", {}, id="damaged option"),
        pytest.param("<<<a:sep0>>>\nb c\n", {"a": [["b", "c"]]}, id="option without brackets"),
        pytest.param(" <<<a>>>\nb\n", {}, id="indented header"),
        pytest.param(
            "<<<<other>>>>\n<<<a>>>\nb\n<<<<>>>>\n<<<c>>>\nd\n", {"c": [["d"]]}, id="piggyback"
        ),
        pytest.param("<<<a>>>\nb<<<c>>>\nd\n", {"a": [["b<<<c>>>"], ["d"]]}, id="glued header"),
    ],
)
def test_sections(output: str, sections: dict[str, list[list[str]]]) -> None:
    parsed = parse_agent_output(output)
    assert {name: section.string_table for name, section in parsed.items()} == sections


@pytest.mark.parametrize(
    "output, text",
    [
        pytest.param(b"<<<a>>>\n\xc3\xa4\n", "ä", id="utf-8 by default"),
        pytest.param(b"<<<a>>>\n\xe4\n", "ä", id="latin-1 if it is none"),
        pytest.param(b"<<<a:encoding(cp437)>>>\n\x84\n", "ä", id="as told"),
    ],
)
def test_encoding(output: bytes, text: str) -> None:
    assert parse_agent_output(output)["a"].string_table == [[text]]


def test_cache_options() -> None:
    section = parse_agent_output("<<<a:cached(1000,300):persist(2000):sep(0)>>>\nb\n")["a"]
    assert (section.cached_at, section.cache_interval_s, section.persist_until) == (1000, 300, 2000)
