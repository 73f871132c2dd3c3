"""Localizable texts of rulesets and graphing."""

from typing import Any

import pytest
from cmk.graphing.v1 import Title as GraphingTitle
from cmk.rulesets.v1 import Help, Label, Message, Title


def german(text: str) -> str:
    return {"Mail": "Post", "%s waits": "%s wartet", "%s of %s": "%s von %s"}.get(text, text)


@pytest.mark.parametrize("kind", [Title, Label, Help, Message, GraphingTitle])
def test_operators_keep_the_class_and_translate_late(kind: Any) -> None:
    for text, translated in (
        (kind("Mail"), "Post"),
        (kind("%s waits") % kind("Mail"), "Post wartet"),
        (kind("%s waits") % "Mail", "Mail wartet"),
        (kind("%s of %s") % ("1", kind("Mail")), "1 von Post"),
        (kind("Mail") + kind(" and more"), "Post and more"),
    ):
        assert type(text) is kind
        assert text.localize(german) == translated
    assert kind("a") == kind("a") and kind("a") != kind("b")


@pytest.mark.parametrize(
    "text, error",
    [
        pytest.param(Title("%d") % 3, AttributeError, id="number"),
        pytest.param(Title("%(a)s") % {"a": "b"}, AttributeError, id="dict"),
        pytest.param(Title("%s") % ("a", "b"), TypeError, id="too many operands"),
        pytest.param(Title("%s %s") % "a", TypeError, id="too few operands"),
        pytest.param(Title("a") + 3, AttributeError, id="sum with a number"),
    ],
)
def test_wrong_operands_fail_only_when_localized(text: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        text.localize(str)


def test_formatting_gives_the_representation() -> None:
    assert "%s!" % Title("Mail") == "Title('Mail')!"
    assert f"{Title('Mail')}" == "Title('Mail')"


def test_one_positional_text() -> None:
    with pytest.raises(TypeError):
        Title()
    with pytest.raises(TypeError):
        Title("a", "b")


def test_graphing_has_a_title_of_its_own() -> None:
    assert GraphingTitle is not Title and GraphingTitle("a") != Title("a")
