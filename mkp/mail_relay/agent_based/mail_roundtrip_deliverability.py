"""Mail deliverability: where the newest probe of each loop landed, and what was thought of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from cmk.agent_based.v2 import (
    AgentSection,
    CheckPlugin,
    CheckResult,
    DiscoveryResult,
    Metric,
    Result,
    Service,
    State,
    render,
)
from cmk_addons.plugins.mail_relay.agent_based.endpoint_results import duration_words
from cmk_addons.plugins.mail_relay.agent_based.results import (
    detail_lines,
    explained_result,
    lead_with_worst,
    level_results,
    problem_results,
)
from cmk_addons.plugins.mail_relay.lib.default_parameters import DELIVERABILITY_DEFAULTS
from cmk_addons.plugins.mail_relay.lib.deliverability_section import (
    METHODS,
    Deliverability,
    DeliverabilitySection,
    Verdict,
    parse_deliverability_section,
)
from cmk_addons.plugins.mail_relay.lib.json_section import entry_of, named_entries

_NEXT_JUNK = "See the verdicts below; mark the probes as no spam in the mailbox"

agent_section_mail_roundtrip_deliverability = AgentSection(
    name="mail_roundtrip_deliverability",
    parse_function=parse_deliverability_section,
)


def discover_mail_roundtrip_deliverability(section: DeliverabilitySection) -> DiscoveryResult:
    for name, _entry in named_entries(section):
        yield Service(item=name)


def check_mail_roundtrip_deliverability(
    item: str, params: Mapping[str, Any], section: DeliverabilitySection
) -> CheckResult:
    mail, problems = entry_of(section, item)
    if mail is None:
        yield from problem_results(problems, params)
        return
    problems = mail.problems + problems
    if mail.arrived is None:
        yield from lead_with_worst(
            (
                *problem_results(problems, params),
                Result(state=State.OK, summary="No probe has arrived yet"),
            )
        )
        return
    yield from lead_with_worst(
        (
            *_check_folder(mail, params),
            *_check_verdicts(mail, params),
            *_check_sending_address(mail, params),
            *_check_block_lists(mail, params),
            *_check_hops(mail, params),
            *problem_results(problems, params),
            *detail_lines(list(_describe(mail))),
        )
    )


def _check_folder(mail: Deliverability, params: Mapping[str, Any]) -> Iterator[Result]:
    if mail.folder_role == "junk":
        text = f"The probe was sorted into the junk folder {mail.folder or ''}".rstrip()
        yield explained_result(State(params["junk_state"]), text, f"{text}\n  Next: {_NEXT_JUNK}")
    elif mail.folder:
        yield Result(state=State.OK, summary=f"Arrived in {mail.folder}")


def _check_verdicts(mail: Deliverability, params: Mapping[str, Any]) -> Iterator[Result]:
    if not mail.verdicts:
        state = State(params["no_verdict_state"])
        text = "The receiving side gives no verdict on SPF, DKIM and DMARC"
        yield (
            Result(state=state, notice=text)
            if state is State.OK
            else Result(state=state, summary=text)
        )
        return
    for method in METHODS:
        verdict = mail.verdicts.get(method)
        if verdict is None:
            continue
        text = _verdict_words(method, verdict)
        if verdict.result == "pass":
            yield Result(state=State.OK, summary=f"{method.upper()} pass", details=text)
        else:
            yield Result(state=State(params[f"{method}_state"]), summary=text)


def _verdict_words(method: str, verdict: Verdict) -> str:
    text = f"{method.upper()} {verdict.result}"
    if verdict.domain:
        text += f" for {verdict.domain}"
    return f"{text}: {verdict.reason}" if verdict.reason else text


def _check_sending_address(mail: Deliverability, params: Mapping[str, Any]) -> Iterator[Result]:
    sender = mail.sending_address
    if sender is None or not sender.public:
        return
    if sender.reverse_name == "":
        yield Result(
            state=State(params["reverse_name_state"]),
            summary=f"Sending address {sender.address} has no reverse name (PTR)",
        )
    elif sender.forward_confirmed is False:
        yield Result(
            state=State(params["reverse_name_state"]),
            summary=(
                f"Reverse name {sender.reverse_name} of {sender.address} "
                "does not lead back to the address"
            ),
        )


def _check_block_lists(mail: Deliverability, params: Mapping[str, Any]) -> CheckResult:
    if not mail.block_lists:
        return
    listed = [answer for answer in mail.block_lists if answer.answer == "listed"]
    for answer in listed:
        codes = f" ({', '.join(answer.codes)})" if answer.codes else ""
        reason = f": {answer.text}" if answer.text else ""
        yield Result(
            state=State(params["listed_state"]),
            summary=f"Sending address is listed by {answer.zone}{codes}{reason}",
        )
    yield Metric("mail_roundtrip_block_listings", len(listed))


def _check_hops(mail: Deliverability, params: Mapping[str, Any]) -> CheckResult:
    if not mail.hops:
        return
    yield Metric("mail_roundtrip_hops", len(mail.hops))
    delays = [max(0.0, hop.delay_s) for hop in mail.hops if hop.delay_s is not None]
    if delays:
        yield from level_results(
            max(delays),
            levels_upper=params["hop_delay"],
            metric_name="mail_roundtrip_hop_delay",
            render_func=duration_words,
            label="Slowest hop",
        )


def _describe(mail: Deliverability) -> Iterator[str]:
    if mail.arrived is not None:
        yield f"Probe arrived: {render.datetime(mail.arrived)}"
    if mail.authority:
        yield f"Verdicts by: {mail.authority}"
    for position, hop in enumerate(mail.hops, start=1):
        words = [f"Hop {position}: {hop.by or 'unknown server'}"]
        if hop.protocol:
            words.append(hop.protocol)
        if hop.delay_s is not None:
            words.append(f"after {hop.delay_s:.0f} s")
        yield ", ".join(words)
    if sender := mail.sending_address:
        name = {None: "reverse name not known", "": "no reverse name"}.get(
            sender.reverse_name, sender.reverse_name
        )
        kind = "" if sender.public else ", not a public address"
        yield f"Sent from: {sender.address} ({name}){kind}"
    for answer in mail.block_lists:
        told = f" ({answer.text})" if answer.text else ""
        yield f"Block list {answer.zone}: {answer.answer.replace('_', ' ')}{told}"


check_plugin_mail_roundtrip_deliverability = CheckPlugin(
    name="mail_roundtrip_deliverability",
    service_name="Mail deliverability %s",
    discovery_function=discover_mail_roundtrip_deliverability,
    check_function=check_mail_roundtrip_deliverability,
    check_default_parameters=dict(DELIVERABILITY_DEFAULTS),
    check_ruleset_name="mail_roundtrip_deliverability",
)
