"""What the agent keeps and is given: state, clock, password store, definitions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from lab import mailbox_server
from lab.certificates import CertificateAuthority
from lab.checkmk_site import STORAGE, STORE, STORE_KEY, CheckmkSite, encrypted_store
from lab.loops import PASSWORDS, loop
from lab.machine import Machine
from lab.mailbox_server import MailboxServer
from lab.network import Network
from lab.relay import Relay

HOUR_S = 3600


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda state: "", id="empty"),
        pytest.param(lambda state: state[: len(state) // 2], id="half"),
        pytest.param(lambda state: "\0" * len(state), id="NUL bytes"),
        pytest.param(lambda state: "[" * 100_000, id="deep"),
        pytest.param(lambda state: state.replace('"format":1', '"format":99'), id="newer"),
        pytest.param(lambda state: "x" * 50_000_000, id="huge"),
    ],
)
def test_a_damaged_state_is_set_aside_and_told(
    checkmk: CheckmkSite, damage: Callable[[str], str], request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.id.replace(" ", "-")
    rule = [loop(name, timing={"interval": 300.0})]
    assert checkmk.run(rule).of(name)["totals"]["completed"] == 1
    file = checkmk.state_file(name)
    checkmk.own(file, damage(checkmk.machine.read(file)))
    report = checkmk.run(rule)
    entry = report.of(name)
    assert "set aside" in entry["state_problem"], entry
    assert entry["totals"]["completed"] == 1
    state, summary = report.service(f"Mail roundtrip {name}")
    assert state == "WARN" and "set aside" in summary
    assert checkmk.machine.path(f"{file}.damaged").exists()
    assert checkmk.run(rule).of(name)["state_problem"] is None


@pytest.fixture
def other_site(
    network: Network, authority: CertificateAuthority, relay: Relay, provider: MailboxServer
) -> Iterator[CheckmkSite]:
    """A site that a test may ruin."""
    with Machine("other.example.org") as machine:
        network.plug(machine, "192.0.2.11")
        site = CheckmkSite(machine, authority.certificate)
        site.store_passwords(PASSWORDS)
        yield site


def test_a_full_disk_sends_nothing_that_would_be_forgotten(
    other_site: CheckmkSite, provider: MailboxServer
) -> None:
    site, machine = other_site, other_site.machine
    rule = [loop("disk", user="disk")]
    assert site.run(rule).of("disk")["totals"]["completed"] == 1
    site.let_pass(HOUR_S, "disk")
    kept = machine.read(site.state_file("disk"))
    machine.shell(
        f"cp -a {STORAGE} /tmp/kept && mount -t tmpfs -o size=64k,mode=777 tmpfs {STORAGE}"
        f" && cp -a /tmp/kept/. {STORAGE} && cat /dev/zero >{STORAGE}/fill 2>/dev/null || true"
    )
    before = len(provider.names("disk"))
    report = site.run(rule)
    entry = report.of("disk")
    assert "No space left on device" in str(entry["state_problem"]), entry
    assert len(provider.names("disk")) == before
    assert machine.read(site.state_file("disk")) == kept
    state, summary = report.service("Mail roundtrip disk")
    assert state in ("WARN", "CRIT") and "No space left on device" in summary


def test_a_place_for_state_that_belongs_to_others_is_told(other_site: CheckmkSite) -> None:
    other_site.machine.shell(f"mkdir -p {STORAGE} && chown root {STORAGE} && chmod 700 {STORAGE}")
    report = other_site.run([loop("forbidden")])
    words = f"cannot use {STORAGE}: owned by user 0"
    assert words in report.of("forbidden")["state_problem"]
    state, summary = report.service("Mail roundtrip forbidden")
    assert state in ("WARN", "CRIT") and words in summary


def test_a_clock_that_was_set_back_by_hours_loses_nothing(checkmk: CheckmkSite) -> None:
    rule = [loop("back")]
    checkmk.run(rule)
    checkmk.let_pass(-3 * HOUR_S, "back")
    for sent in (2, 2):
        entry = checkmk.run(rule).of("back")
        assert entry["totals"] | {"since": 0} == {
            "since": 0, "sent": sent, "completed": sent, "lost": 0, "late": 0, "duplicates": 0,
        }  # fmt: skip
    assert entry["outstanding"]["probes"] == 0


def test_a_clock_that_jumps_to_and_fro_keeps_a_waiting_probe(
    checkmk: CheckmkSite, provider: MailboxServer
) -> None:
    rule = [
        loop("jumps", user=mailbox_server.HELD, timing={"wait": 0.2, "lost_after": 2.0 * HOUR_S})
    ]
    checkmk.run(rule)
    for hours in (-5, 10, -5):
        checkmk.let_pass(hours * HOUR_S, "jumps")
        report = checkmk.run(rule)
        assert report.of("jumps")["state_problem"] is None
    provider.release()
    for _ in range(50):
        totals = checkmk.run(rule).of("jumps")["totals"]
        if totals["completed"] == totals["sent"]:
            break
    assert (totals["completed"], totals["lost"]) == (totals["sent"], 0)


def test_the_environment_of_older_versions_is_enough(checkmk: CheckmkSite) -> None:
    report = checkmk.run([loop("older")], old=True)
    assert report.of("older")["totals"]["completed"] == 1


@pytest.fixture
def store(checkmk: CheckmkSite) -> Iterator[CheckmkSite]:
    """The site; its password store comes back afterwards."""
    machine = checkmk.machine
    kept = {name: machine.path(name).read_bytes() for name in (STORE, STORE_KEY)}
    yield checkmk
    for name, content in kept.items():
        checkmk.own(name, content)


def break_missing(site: CheckmkSite) -> None:
    site.machine.path(STORE).unlink()


def break_damaged(site: CheckmkSite) -> None:
    content = bytearray(site.machine.path(STORE).read_bytes())
    content[-1] ^= 1
    site.own(STORE, bytes(content))


def break_short(site: CheckmkSite) -> None:
    site.own(STORE, b"\0\0too short")


def break_version(site: CheckmkSite) -> None:
    site.own(STORE, b"\0\7" + site.machine.path(STORE).read_bytes()[2:])


def break_key(site: CheckmkSite) -> None:
    site.machine.path(STORE_KEY).unlink()


def break_other_key(site: CheckmkSite) -> None:
    site.own(STORE, encrypted_store({"relay": "x"}, b"another key"))


def break_id(site: CheckmkSite) -> None:
    site.store_passwords({"mailbox": mailbox_server.PASSWORD})


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        pytest.param(break_missing, "stored_passwords", id="missing"),
        pytest.param(break_damaged, "password store", id="damaged"),
        pytest.param(break_short, "password store", id="short"),
        pytest.param(break_version, "version", id="version"),
        pytest.param(break_key, "password_store.secret", id="key missing"),
        pytest.param(break_other_key, "password store", id="another key"),
        pytest.param(break_id, "relay", id="id unknown"),
    ],
)
def test_a_password_store_that_cannot_be_used_is_named(
    store: CheckmkSite, break_it: Callable[[CheckmkSite], None], words: str
) -> None:
    break_it(store)
    rule = [
        loop("stored"),
        loop("without", submission={"tls": "none", "auth": ("anonymous", None)}),
    ]
    report = store.run(rule)
    error = report.of("stored")["definition_error"]
    assert "secret 1." in error and words in error, error
    state, summary = report.service("Mail roundtrip stored")
    assert state == "CRIT" and words in summary
    if break_it is break_id:
        # The other loop does not need what is missing.
        assert report.of("without")["totals"]["completed"] == 1


def test_a_wrong_definition_is_told_and_the_others_run(checkmk: CheckmkSite) -> None:
    line = checkmk.command_line([loop("defined")])
    good = json.loads(line[line.index("{") : line.rindex("}") + 1])
    wrong: Mapping[str, tuple[Any, str]] = {
        "misspelt": (good | {"name": "misspelt", "sudject": "x"}, "sudject: is not a known key"),
        "port": (
            good | {"name": "port", "submission": good["submission"] | {"port": 99999}},
            "submission.port: 99999 is not from 1 to 65535",
        ),
        "kind": (good | {"name": "kind", "kind": "sideways"}, 'kind: "sideways" is none of'),
        "interval": (good | {"name": "interval", "interval_s": -1}, "interval_s: -1 is not from"),
        "loop 6": ([1, 2], "not a JSON object"),
        "loop 7": ("{", "not a JSON object"),
        "nameless": ({"name": "nameless"}, "kind: is missing"),
    }
    more = " ".join(
        f"--loop '{text if isinstance(text, str) else json.dumps(text)}'"
        for text, _ in wrong.values()
    )
    report = checkmk.run_line(f"{line} {more}")
    assert report.of("defined")["totals"]["completed"] == 1
    for name, (_, words) in wrong.items():
        assert words in report.of(name)["definition_error"]
        state, summary = report.service(f"Mail roundtrip {name}")
        assert state == "CRIT" and words in summary
