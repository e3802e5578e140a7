"""The tables `toxicity` and `response` of `study.yaml`: what they may say, and the settings they become."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from celltrial.codes import FormId, ItemId
from celltrial.safety.ctcae import CTCAE_VERSIONS
from celltrial.study.nodes import Listing, Node, Scalar, entries, find, scalar, scalars
from celltrial.study.schema import Keys, OneOrMore, Spec, choice, code, flag, keys, listing, number, table, text, whole
from celltrial.study.settings import (
    AccessSettings,
    CrsReading,
    DorisReading,
    IcahtReading,
    LldasReading,
    ReleaseSettings,
    ResponseSettings,
    SriReading,
    ToxicitySettings,
)

__all__ = [
    "access_keys",
    "build_access",
    "build_release",
    "build_response",
    "build_toxicity",
    "release_keys",
    "response_keys",
    "toxicity_keys",
]

S = TypeVar("S")
# what a text of the file becomes
_Read = Callable[[Node], Any]


def toxicity_keys(assumptions: OneOrMore) -> Keys:
    """What `toxicity` may say; every key may be left out, and then has the default of `ToxicitySettings`."""
    crs: dict[str, Spec] = {
        "quiet_hours": whole(0, 168),
    }
    icaht: dict[str, Spec] = {
        "counted_days": choice("longest run", "cumulative"),
        "interpolate_up_to_days": whole(0, 30),
        "late_last_day": whole(31, 730),
        "censor_at": listing(choice("lymphodepletion", "withdrawal"), at_least=0),
    }
    return keys(
        {"assumption": assumptions},
        {
            "ctcae": choice(*CTCAE_VERSIONS),
            "crs": keys({}, crs),
            "icaht": keys({}, icaht),
            "prior_organs": code(FormId, "organ_involvement"),
            "b_cell_aplasia_below": number("0.001", "1000"),
            "igg_replacement_below": number("0.1", "20"),
        },
    )


def response_keys(assumptions: OneOrMore) -> Keys:
    """What `response` may say; every key may be left out, and then has the default of `ResponseSettings`."""
    dose, assessment = number("0", "100"), number("0", "3")
    doris: dict[str, Spec] = {
        "gc_max": dose,
        "gc_inclusive": flag(),
        "pga_max": assessment,
        "pga_inclusive": flag(),
    }
    return keys(
        {"assumption": assumptions},
        {
            "doris": keys({}, doris),
            "lldas": keys({}, {"gc_max": dose}),
            "sri": keys({}, {"index": choice("SLEDAI-2K", "SELENA-SLEDAI"), "points": whole(1, 20)}),
            "lookback_days": choice("10", "30"),
            "together_days": whole(0, 60),
        },
    )


def access_keys(assumptions: OneOrMore) -> Keys:
    """What `access` may say: the training that a role asks for, and the days of notice before it ends."""
    topics = table(code(ItemId, "investigator"), listing(text()))
    return keys({"assumption": assumptions}, {"training": topics, "notice_days": whole(1, 365)})


def release_keys(assumptions: OneOrMore) -> Keys:
    """What `product_release` may say."""
    return keys({"assumption": assumptions}, {"cells_within_percent": number("0.1", "50")})


def build_access(node: Node | None) -> AccessSettings:
    """The settings of a table that has passed its specification; without one, the defaults."""
    topics = {role: tuple(each.text for each in scalars(given)) for role, given in entries(find(node, "training"))}
    return _filled(AccessSettings, node, {"notice_days": ("notice_days", _whole)}, training=topics)


def build_release(node: Node | None) -> ReleaseSettings:
    """The settings of a table that has passed its specification; without one, the defaults."""
    return _filled(ReleaseSettings, node, {"cells_within_percent": ("cells_within_percent", _decimal)})


def build_toxicity(node: Node | None) -> ToxicitySettings:
    """The settings of a table that has passed its specification; without one, the defaults."""
    crs, icaht = find(node, "crs"), find(node, "icaht")
    return _filled(
        ToxicitySettings,
        node,
        {
            "ctcae_version": ("ctcae", scalar),
            "prior_organs": ("prior_organs", lambda each: FormId(scalar(each))),
            "b_cell_aplasia_below_per_ul": ("b_cell_aplasia_below", _decimal),
            "igg_replacement_below_g_l": ("igg_replacement_below", _decimal),
        },
        crs=_filled(
            CrsReading,
            crs,
            {
                "quiet_hours": ("quiet_hours", _whole),
            },
        ),
        icaht=_filled(
            IcahtReading,
            icaht,
            {
                "counted_days": ("counted_days", scalar),
                "interpolate_up_to_days": ("interpolate_up_to_days", _whole),
                "late_last_day": ("late_last_day", _whole),
                "censor_at": ("censor_at", lambda each: tuple(item.text for item in scalars(each))),
            },
        ),
    )


def build_response(node: Node | None) -> ResponseSettings:
    """The settings of a table that has passed its specification; without one, the defaults."""
    doris = {
        "gc_max_mg": ("gc_max", _decimal),
        "gc_inclusive": ("gc_inclusive", _flag),
        "pga_max": ("pga_max", _decimal),
        "pga_inclusive": ("pga_inclusive", _flag),
    }
    return _filled(
        ResponseSettings,
        node,
        {"lookback_days": ("lookback_days", _whole), "together_days": ("together_days", _whole)},
        doris=_filled(DorisReading, find(node, "doris"), doris),
        lldas=_filled(LldasReading, find(node, "lldas"), {"gc_max_mg": ("gc_max", _decimal)}),
        sri=_filled(SriReading, find(node, "sri"), {"index": ("index", scalar), "points": ("points", _whole)}),
    )


def _filled(make: Callable[..., S], node: Node | None, fields: Mapping[str, tuple[str, _Read]], **others: object) -> S:
    """`make` with the fields that the table gives; the others keep their defaults."""
    given = {field: (find(node, key), read) for field, (key, read) in fields.items()}
    read_values = {field: read(child) for field, (child, read) in given.items() if isinstance(child, Scalar | Listing)}
    return make(**read_values, **others)


def _decimal(node: Node) -> Decimal:
    return Decimal(scalar(node))


def _whole(node: Node) -> int:
    return int(scalar(node))


def _flag(node: Node) -> bool:
    return scalar(node) == "true"
