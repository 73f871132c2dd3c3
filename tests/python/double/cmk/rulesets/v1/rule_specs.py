"""Test double of Checkmk's cmk.rulesets.v1.rule_specs."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field

from ._identifiers import check_identifier
from ._localize import Help, Title
from .form_specs._base import FormSpec
from .form_specs._basic import non_empty_string
from .form_specs._composed import Dictionary


class Topic(enum.Enum):
    APPLICATIONS = enum.auto()
    CACHING_MESSAGE_QUEUES = enum.auto()
    CLOUD = enum.auto()
    CONFIGURATION_DEPLOYMENT = enum.auto()
    DATABASES = enum.auto()
    GENERAL = enum.auto()
    ENVIRONMENTAL = enum.auto()
    LINUX = enum.auto()
    NETWORKING = enum.auto()
    MIDDLEWARE = enum.auto()
    NOTIFICATIONS = enum.auto()
    OPERATING_SYSTEM = enum.auto()
    PERIPHERALS = enum.auto()
    POWER = enum.auto()
    SERVER_HARDWARE = enum.auto()
    STORAGE = enum.auto()
    SYNTHETIC_MONITORING = enum.auto()
    VIRTUALIZATION = enum.auto()
    WINDOWS = enum.auto()


@dataclass(frozen=True)
class CustomTopic:
    title: Title


class EvalType(enum.Enum):
    MERGE = enum.auto()
    ALL = enum.auto()


@dataclass(frozen=True)
class HostCondition:
    pass


@dataclass(frozen=True)
class HostAndServiceCondition:
    pass


@dataclass(frozen=True)
class HostAndItemCondition:
    item_title: Title
    item_form: FormSpec[str] = field(default_factory=non_empty_string)


AnyTopic = Topic | CustomTopic
ParameterForm = Callable[[], Dictionary]


class _Named:
    name: str

    def __post_init__(self) -> None:
        check_identifier(self.name)


@dataclass(frozen=True)
class _Unconditional(_Named):
    title: Title
    topic: AnyTopic
    parameter_form: ParameterForm
    name: str
    is_deprecated: bool = False
    help_text: Help | None = None


class SpecialAgent(_Unconditional):
    pass


class ActiveCheck(_Unconditional):
    pass


class AgentConfig(_Unconditional):
    pass


class DiscoveryParameters(_Unconditional):
    pass


class InventoryParameters(_Unconditional):
    pass


class NotificationParameters(_Unconditional):
    pass


@dataclass(frozen=True)
class EnforcedService(_Named):
    title: Title
    topic: AnyTopic
    parameter_form: ParameterForm | None
    name: str
    condition: HostCondition | HostAndItemCondition
    is_deprecated: bool = False
    help_text: Help | None = None


@dataclass(frozen=True)
class CheckParameters(_Named):
    title: Title
    topic: AnyTopic
    parameter_form: ParameterForm
    name: str
    condition: HostCondition | HostAndItemCondition
    is_deprecated: bool = False
    help_text: Help | None = None
    create_enforced_service: bool = True


@dataclass(frozen=True)
class _Evaluated(_Named):
    title: Title
    topic: AnyTopic
    parameter_form: ParameterForm
    eval_type: EvalType
    name: str
    is_deprecated: bool = False
    help_text: Help | None = None


class Host(_Evaluated):
    pass


class SNMP(_Evaluated):
    pass


class AgentAccess(_Evaluated):
    pass


@dataclass(frozen=True)
class Service(_Named):
    title: Title
    topic: AnyTopic
    parameter_form: ParameterForm
    eval_type: EvalType
    name: str
    condition: HostCondition | HostAndServiceCondition
    is_deprecated: bool = False
    help_text: Help | None = None


RuleSpec = (
    ActiveCheck
    | AgentAccess
    | AgentConfig
    | CheckParameters
    | DiscoveryParameters
    | EnforcedService
    | Host
    | InventoryParameters
    | NotificationParameters
    | Service
    | SNMP
    | SpecialAgent
)
RULE_SPEC_TYPES: tuple[type[RuleSpec], ...] = (
    ActiveCheck,
    AgentAccess,
    AgentConfig,
    CheckParameters,
    DiscoveryParameters,
    EnforcedService,
    Host,
    InventoryParameters,
    NotificationParameters,
    Service,
    SNMP,
    SpecialAgent,
)
