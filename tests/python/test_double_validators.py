"""Validators of form specs."""

from typing import Any

import pytest
from cmk.rulesets.v1 import Message
from cmk.rulesets.v1.form_specs import validators as v

HTTP = v.Url([v.UrlProtocol.HTTP, v.UrlProtocol.HTTPS])


@pytest.mark.parametrize(
    "validator, value",
    [
        (v.LengthInRange(min_value=1), "a"),
        (v.LengthInRange(max_value=2), ["a", "b"]),
        (v.LengthInRange(1, 2), "ab"),
        (v.NumberInRange(min_value=1), 1),
        (v.NumberInRange(max_value=2), 2.0),
        (v.NumberInRange(error_msg=Message("m")), -1),
        (v.RegexGroupsInRange(min_groups=1, max_groups=1), "(a)"),
        (v.MatchRegex("[a-z]+"), "abc"),
        (v.MatchRegex("[a-z]+"), "abc 1"),
        (v.NetworkPort(), 0),
        (v.NetworkPort(), 65535),
        (HTTP, "https://example.org"),
        (HTTP, "HTTP://example.org/path?query"),
        (v.EmailAddress(), "a@example.org"),
        (v.EmailAddress(), "a@localhost"),
        (v.EmailAddress(), "ä_9!#$%&'?^{|}~`@example.org"),
        (v.EmailAddress(), "*+,-./0:;<=@a..example.xn"),
        (v.EmailAddress(), f"a@example.{'x' * 24}"),
    ],
)
def test_accepted(validator: Any, value: Any) -> None:
    validator(value)


@pytest.mark.parametrize(
    "validator, value",
    [
        (v.LengthInRange(min_value=1), ""),
        (v.LengthInRange(max_value=2), "abc"),
        (v.NumberInRange(min_value=1), 0.99),
        (v.NumberInRange(max_value=2), 3),
        (v.RegexGroupsInRange(min_groups=1), "a"),
        (v.RegexGroupsInRange(max_groups=1), "(a)(b)"),
        (v.MatchRegex("[a-z]+"), "1 abc"),
        (v.NetworkPort(), -1),
        (v.NetworkPort(), 65536),
        (HTTP, "ftp://example.org"),
        (HTTP, "https:///path"),
        (HTTP, "example.org"),
        (HTTP, "http://[::1"),
        (v.EmailAddress(), "a"),
        (v.EmailAddress(), "@example.org"),
        (v.EmailAddress(), "a@example"),
        (v.EmailAddress(), "a b@example.org"),
        (v.EmailAddress(), "a(b)@example.org"),
        (v.EmailAddress(), "a@example.x"),
        (v.EmailAddress(), f"a@example.{'x' * 25}"),
        (v.EmailAddress(), "a@exa_mple!.org"),
    ],
)
def test_refused(validator: Any, value: Any) -> None:
    with pytest.raises(v.ValidationError) as caught:
        validator(value)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value.message, Message)


@pytest.mark.parametrize("kind", [v.LengthInRange, v.NumberInRange, v.RegexGroupsInRange])
def test_range_without_bounds_is_refused(kind: Any) -> None:
    with pytest.raises(ValueError):
        kind()


def test_own_message_is_told() -> None:
    with pytest.raises(v.ValidationError) as caught:
        v.NetworkPort(error_msg=Message("own"))(-1)
    assert caught.value.message.localize(str) == "own"
