"""graphing's own Title: same behaviour as the one of rulesets, another class."""

from cmk.rulesets.v1._localize import Localizable


class Title(Localizable):
    pass
