"""Mail submission: does the SMTP server of each loop take mail."""

from collections.abc import Iterator, Mapping
from typing import Any

from cmk.agent_based.v2 import (
    AgentSection,
    CheckPlugin,
    CheckResult,
    DiscoveryResult,
    Result,
    Service,
    State,
    render,
)
from cmk_addons.plugins.mail_relay.agent_based.endpoint_results import (
    check_endpoint,
    describe_endpoint,
    duration_words,
)
from cmk_addons.plugins.mail_relay.agent_based.results import (
    detail_lines,
    lead_with_worst,
    problem_results,
    requirement_result,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import SUBMISSION_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.endpoint import unexplained_outcome
from cmk_addons.plugins.mail_relay.lib.json_section import entry_of, named_entries
from cmk_addons.plugins.mail_relay.lib.submission_section import (
    Submission,
    SubmissionSection,
    parse_submission_section,
)

agent_section_mail_roundtrip_submission = AgentSection(
    name="mail_roundtrip_submission",
    parse_function=parse_submission_section,
)


def discover_mail_roundtrip_submission(section: SubmissionSection) -> DiscoveryResult:
    for name, _entry in named_entries(section):
        yield Service(item=name)


def check_mail_roundtrip_submission(
    item: str, params: Mapping[str, Any], section: SubmissionSection
) -> CheckResult:
    submission, problems = entry_of(section, item)
    if submission is None:
        yield from problem_results(problems, params)
        return
    problems = submission.problems + problems
    if submission.at is not None:
        problems = problems or unexplained_outcome(submission.endpoint)
    yield from lead_with_worst(
        (
            *check_endpoint("Submission", submission.endpoint, params, "mail_roundtrip_submission"),
            *_check_open_relay(submission, params),
            *_check_required_mechanisms(submission, params),
            *problem_results(problems, params),
            *_state_in_words(submission),
            *detail_lines(list(_describe(submission))),
        )
    )


def _check_open_relay(submission: Submission, params: Mapping[str, Any]) -> Iterator[Result]:
    answer = submission.open_relay
    if answer is None:
        return
    told = f" ({answer.reply})" if answer.reply else ""
    if answer.answer == "accepted":
        yield Result(
            state=State(params["open_relay_state"]),
            summary=f"Open relay: takes mail for foreign domains from strangers{told}",
        )
    elif answer.answer == "refused":
        yield Result(state=State.OK, notice=f"No open relay{told}")
    else:
        yield Result(state=State.OK, notice=f"Whether it is an open relay is not known{told}")


def _check_required_mechanisms(
    submission: Submission, params: Mapping[str, Any]
) -> Iterator[Result]:
    offered = submission.endpoint.auth_mechanisms
    if offered is None:
        return
    present = {mechanism.upper() for mechanism in offered}
    required = params.get("required_mechanisms", ())
    if missing := [m for m in required if m.strip().upper() not in present]:
        yield requirement_result(
            f"Required mechanism not offered: {', '.join(missing)}"
            f" (offered: {', '.join(offered) or 'none'})",
            params,
        )


def _state_in_words(submission: Submission) -> Iterator[Result]:
    endpoint = submission.endpoint
    if submission.at is None:
        yield Result(state=State.OK, summary=f"No probe submitted to {endpoint.name} yet")
    elif endpoint.ok:
        total_s = endpoint.phases_s.get("total")
        took = f" in {duration_words(total_s)}" if total_s is not None else ""
        yield Result(state=State.OK, summary=f"{endpoint.name} accepted the probe{took}")


def _describe(submission: Submission) -> Iterator[str]:
    yield from describe_endpoint(submission.endpoint)
    if submission.extensions is not None:
        yield f"Extensions: {', '.join(submission.extensions) or 'none'}"
    if submission.queued_as:
        yield f"Server said: {submission.queued_as}"
    if submission.at is not None:
        yield f"Time of the dialogue: {render.datetime(submission.at)}"


check_plugin_mail_roundtrip_submission = CheckPlugin(
    name="mail_roundtrip_submission",
    service_name="Mail submission %s",
    discovery_function=discover_mail_roundtrip_submission,
    check_function=check_mail_roundtrip_submission,
    check_default_parameters=dict(SUBMISSION_DEFAULTS),
    check_ruleset_name="mail_roundtrip_submission",
)
