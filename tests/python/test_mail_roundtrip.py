"""Mail roundtrip: latency, losses, failures, and what is new since the last check."""

from collections.abc import Mapping
from typing import Any

import pytest
from cmk.agent_based.v2 import Metric, Result, State, render
from cmk_addons.plugins.mail_relay.agent_based import mail_roundtrip
from cmk_addons.plugins.mail_relay.lib.default_parameters import ROUNDTRIP_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.roundtrip_section import parse_roundtrip_section
from cmk_addons.plugins.mail_relay.lib.submission_section import parse_submission_section
from family import golden_object, golden_output, golden_table, new_site, table_of

SECTION = "mail_roundtrip"
NOW = 1795246145


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    values: dict[str, Any] = {}
    monkeypatch.setattr(mail_roundtrip, "get_value_store", lambda: values)
    return values


def check(
    item: str,
    table: list[list[str]],
    params: Mapping[str, Any] | None = None,
    submissions: list[list[str]] | None = None,
) -> list[Result | Metric]:
    section = parse_roundtrip_section(table)
    assert section is not None
    merged = {**ROUNDTRIP_DEFAULTS, **(params or {})}
    submitted = parse_submission_section(submissions) if submissions else None
    return list(mail_roundtrip.check_mail_roundtrip(item, merged, section, submitted))


def check_changed(
    changes: Mapping[str, Any], params: Mapping[str, Any] | None = None
) -> list[Result | Metric]:
    """The check of a healthy loop with some keys changed and some parameters set."""
    fields = golden_object("roundtrip_healthy", SECTION)
    return check("internal", table_of({**fields, **changes}), params)


def completion(number: int, latency_s: float, **others: Any) -> dict[str, Any]:
    return {"number": number, "sequence": number, "latency_s": latency_s, **others}


def worst(results: list[Result | Metric]) -> State:
    return State.worst(*(r.state for r in results if isinstance(r, Result)))


def metrics(results: list[Result | Metric]) -> dict[str, float]:
    return {r.name: r.value for r in results if isinstance(r, Metric)}


def test_every_loop_is_discovered_with_all_its_services() -> None:
    names = [service.name for service in new_site().services(golden_output("roundtrip_healthy"))]
    assert sorted(names) == [
        "Mail continuity",
        "Mail deliverability external",
        "Mail deliverability internal",
        "Mail roundtrip external",
        "Mail roundtrip internal",
        "Mail submission external",
        "Mail submission internal",
        "Mailbox access external",
        "Mailbox access internal",
    ]


@pytest.mark.usefixtures("store")
def test_healthy_loop() -> None:
    assert check("external", golden_table("roundtrip_healthy", SECTION)) == [
        Result(
            state=State.OK,
            summary="Last probe took 2.31 s, arrived 57 seconds ago",
            details="Probe 17 took 2.31 s (seen arriving) to INBOX",
        ),
        Result(
            state=State.OK,
            notice=(
                "Kind of loop: external\n"
                "A probe every 5 minutes 0 seconds\n"
                "Given up after 1 hour 0 minutes\n"
                f"Last probe tried: {render.datetime(NOW - 60)}\n"
                f"Next probe due: {render.datetime(NOW + 240)}\n"
                f"Probes since {render.datetime(1795000000)}: "
                "sent 17, arrived 17, lost 0, late 0, duplicates 0\n"
                "Agent: 0.1.0"
            ),
        ),
        Metric("mail_roundtrip_lost", 0, levels=(1, 3)),
        Metric("mail_roundtrip_outstanding", 0),
        Metric("mail_roundtrip_outstanding_age", 0, levels=(300, 900)),
        Metric("mail_roundtrip_arrived", 1),
        Metric("mail_roundtrip_latency", 2.31, levels=(60, 300)),
        Metric("mail_roundtrip_last_arrival_age", 57),
    ]


@pytest.mark.usefixtures("store")
def test_latency_is_told_by_phase() -> None:
    submissions = golden_table("roundtrip_healthy", "mail_roundtrip_submission")
    results = check("external", golden_table("roundtrip_healthy", SECTION), None, submissions)
    phases = {
        name.removeprefix("mail_roundtrip_phase_"): value
        for name, value in metrics(results).items()
        if name.startswith("mail_roundtrip_phase_")
    }
    assert phases == pytest.approx(
        {"connect": 0.06, "tls": 0.05, "auth": 0.1, "accept": 0.1, "delivery": 2.0}
    )


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"at": NOW - 360}, id="the dialogue was that of another probe"),
        pytest.param({"at": None}, id="no dialogue yet"),
        pytest.param({"ok": False}, id="it failed"),
        pytest.param({"loop": "other"}, id="it is of another loop"),
    ],
)
def test_phases_of_another_dialogue_are_not_told(changes: Mapping[str, Any]) -> None:
    fields = golden_object("roundtrip_healthy", "mail_roundtrip_submission", 1)
    results = check(
        "external",
        golden_table("roundtrip_healthy", SECTION),
        None,
        table_of({**fields, **changes}),
    )
    assert not any(name.startswith("mail_roundtrip_phase_") for name in metrics(results))


@pytest.mark.usefixtures("store")
def test_faulty_loop_leads_with_the_worst() -> None:
    results = check("external", golden_table("roundtrip_faults", SECTION))
    assert [(r.state, r.summary) for r in results if isinstance(r, Result) and r.summary] == [
        (
            State.CRIT,
            "Submission failed at login: login to smtp.example.org:587 as probe failed "
            "(535 5.7.8 Error: authentication failed)",
        ),
        (State.WARN, "Lost: 1 probe (warn/crit at 1 probe/3 probes)"),
        (
            State.WARN,
            "Oldest probe on the way: 11 minutes 40 seconds "
            "(warn/crit at 5 minutes 0 seconds/15 minutes 0 seconds)",
        ),
        (State.WARN, "2 more below"),
    ]


@pytest.mark.usefixtures("store")
def test_new_loop_with_a_dead_mailbox() -> None:
    results = check("new", golden_table("roundtrip_faults", SECTION))
    assert results[:2] == [
        Result(
            state=State.CRIT,
            summary=(
                "Mailbox access failed at connection: connect to 127.0.0.1:143: Connection refused"
            ),
            details=(
                "Mailbox access failed at connection: connect to 127.0.0.1:143: "
                "Connection refused(!!)\n  Kind: connection refused\n"
                "  Next: Check that the service runs on the server, and the port in the rule"
            ),
        ),
        Result(state=State.OK, summary="No probe has arrived yet"),
    ]
    assert "mail_roundtrip_latency" not in metrics(results)


@pytest.mark.usefixtures("store")
def test_wrong_definition_is_critical_and_says_why() -> None:
    assert check("wrong", golden_table("roundtrip_faults", SECTION)) == [
        Result(
            state=State.CRIT,
            summary="The loop cannot run: submission.port: 99999 is no port",
        )
    ]


@pytest.mark.usefixtures("store")
def test_first_check_judges_the_newest_probe_only() -> None:
    results = check_changed({"completed": [completion(1, 999.0), completion(2, 1.0)]})
    assert worst(results) is State.OK
    assert metrics(results)["mail_roundtrip_arrived"] == 1


def test_slowest_of_the_new_probes_counts(store: dict[str, Any]) -> None:
    store["last_judged_completion"] = 1
    rows = [completion(1, 999.0), completion(2, 70.0), completion(3, 1.0)]
    results = check_changed({"completed": rows})
    assert results[0] == Result(
        state=State.WARN,
        summary=(
            "Latency: 1 minute 10 seconds " "(warn/crit at 1 minute 0 seconds/5 minutes 0 seconds)"
        ),
    )
    assert metrics(results)["mail_roundtrip_arrived"] == 2
    assert store == {"last_judged_completion": 3}


def test_repeated_report_keeps_its_verdict_and_counts_nothing_twice(store: dict[str, Any]) -> None:
    store["last_judged_completion"] = 2
    results = check_changed({"completed": [completion(1, 1.0), completion(2, 70.0)]})
    assert worst(results) is State.WARN
    assert metrics(results)["mail_roundtrip_arrived"] == 0
    assert metrics(results)["mail_roundtrip_latency"] == 70.0


def test_numbers_that_fell_are_all_new(store: dict[str, Any]) -> None:
    store["last_judged_completion"] = 500
    results = check_changed({"completed": [completion(1, 70.0), completion(2, 1.0)]})
    assert metrics(results)["mail_roundtrip_arrived"] == 2
    assert worst(results) is State.WARN
    assert store == {"last_judged_completion": 2}


@pytest.mark.usefixtures("store")
def test_arrival_before_sending_is_no_negative_latency() -> None:
    results = check_changed({"completed": [completion(1, -0.4)]})
    assert metrics(results)["mail_roundtrip_latency"] == 0.0


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("changes", "params", "state"),
    [
        pytest.param({"lost": {"open": 1}}, {}, State.WARN, id="one lost"),
        pytest.param({"lost": {"open": 3}}, {}, State.CRIT, id="three lost"),
        pytest.param(
            {"lost": {"open": 3}}, {"lost": ("no_levels", None)}, State.OK, id="losses ignored"
        ),
        pytest.param(
            {"outstanding": {"probes": 1, "oldest_age_s": 299.0}}, {}, State.OK, id="on the way"
        ),
        pytest.param(
            {"outstanding": {"probes": 1, "oldest_age_s": 300.0}}, {}, State.WARN, id="slow"
        ),
        pytest.param(
            {"outstanding": {"probes": 1, "oldest_age_s": 900.0}}, {}, State.CRIT, id="standstill"
        ),
        pytest.param(
            {}, {"last_arrival_age": ("fixed", (50, 100))}, State.WARN, id="nothing arrived"
        ),
        pytest.param({"lost": None}, {}, State.WARN, id="losses unknown"),
        pytest.param({"lost": None}, {"unreadable_state": 0}, State.OK, id="unknown is accepted"),
        pytest.param({"state_problem": "set aside"}, {}, State.WARN, id="state damaged"),
        pytest.param({"submission_failure": {}}, {}, State.CRIT, id="failure without words"),
        pytest.param(
            {"submission_failure": {}},
            {"submission_failure_state": 1},
            State.WARN,
            id="failure by rule",
        ),
        pytest.param(
            {"mailbox_failure": {}}, {"mailbox_failure_state": 0}, State.OK, id="mailbox by rule"
        ),
        pytest.param({"problems": [{"what": "clock", "error": "jumped"}]}, {}, State.WARN, id="p"),
    ],
)
def test_state(changes: Mapping[str, Any], params: Mapping[str, Any], state: State) -> None:
    assert worst(check_changed(changes, params)) is state


def test_site_remembers_what_was_judged() -> None:
    site = new_site()
    output = golden_output("roundtrip_healthy")
    services = site.discover(output)
    counts = [
        metric.value
        for _ in range(2)
        for service in site.check(services, output)
        for metric in service.metrics
        if metric.name == "mail_roundtrip_arrived"
    ]
    assert counts == [1, 1, 0, 0]
