"""CVSS vectors in words, metric by metric, after FIRST's specifications 2.0 to 4.0."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.ui.formatting import one_line, translate

_UNDEFINED = ("X", "ND")
_VERSION_2, _VERSION_3 = "2", "3"
_PREFIX_2 = "CVSS2#"


def vector_words(version: str, vector: str) -> tuple[str, ...]:
    """Say each metric of a vector: "Attack vector: Network". One that the specification lacks stays as it is."""
    names, values = _names(version), _values(version)
    bare = vector.removeprefix(_PREFIX_2).strip(" ()")
    parts = (part for part in bare.split("/") if not part.startswith("CVSS:"))
    return tuple(words for part in parts if (words := _metric(part, names, values)))


Values = Mapping[str, Mapping[str, str]]


def _metric(part: str, names: Mapping[str, str], values: Values) -> str:
    metric, _, value = part.partition(":")
    if value in _UNDEFINED:
        return ""
    plain = metric.removeprefix("M") if metric not in values else metric
    name, meaning = names.get(plain, ""), values.get(plain, {}).get(value, "")
    if not name or not meaning:
        return one_line(part)
    if plain != metric:
        name = translate("cvss", "{0}, in this environment").format(name)
    return translate("cvss", "{0}: {1}").format(name, meaning)


def _names(version: str) -> Mapping[str, str]:
    has_scope = version.startswith(_VERSION_3)
    return {
        "AV": translate("cvss", "Attack vector"),
        "AC": translate("cvss", "Attack complexity"),
        "AT": translate("cvss", "Attack requirements"),
        "Au": translate("cvss", "Authentication"),
        "PR": translate("cvss", "Privileges required"),
        "UI": translate("cvss", "User interaction"),
        "S": translate("cvss", "Scope") if has_scope else translate("cvss", "Safety"),
        "C": translate("cvss", "Confidentiality impact"),
        "I": translate("cvss", "Integrity impact"),
        "A": translate("cvss", "Availability impact"),
        "VC": translate("cvss", "Confidentiality of the vulnerable system"),
        "VI": translate("cvss", "Integrity of the vulnerable system"),
        "VA": translate("cvss", "Availability of the vulnerable system"),
        "SC": translate("cvss", "Confidentiality of other systems"),
        "SI": translate("cvss", "Integrity of other systems"),
        "SA": translate("cvss", "Availability of other systems"),
        "E": translate("cvss", "Exploit maturity"),
        "RL": translate("cvss", "Remediation level"),
        "RC": translate("cvss", "Report confidence"),
        "CR": translate("cvss", "Confidentiality requirement"),
        "IR": translate("cvss", "Integrity requirement"),
        "AR": translate("cvss", "Availability requirement"),
        "CDP": translate("cvss", "Collateral damage potential"),
        "TD": translate("cvss", "Target distribution"),
        "AU": translate("cvss", "Automatable"),
        "R": translate("cvss", "Recovery"),
        "V": translate("cvss", "Value density"),
        "RE": translate("cvss", "Response effort"),
        "U": translate("cvss", "Urgency by the provider"),
    }


def _values(version: str) -> Values:
    if version.startswith(_VERSION_2):
        return _version_2()
    return _version_3() if version.startswith(_VERSION_3) else _version_4()


def _version_2() -> Values:
    none, low, medium, high = _levels()
    impact = {"N": none, "P": translate("cvss", "Partial"), "C": translate("cvss", "Complete")}
    required = {"L": low, "M": medium, "H": high}
    return {
        "AV": _attack_vectors(),
        "AC": required,
        "Au": {"N": none, "S": translate("cvss", "Once"), "M": translate("cvss", "Several times")},
        "C": impact,
        "I": impact,
        "A": impact,
        "E": {
            "U": translate("cvss", "Unproven"),
            "POC": translate("cvss", "Proof of concept"),
            "F": translate("cvss", "Functional"),
            "H": high,
        },
        "RL": {
            "OF": translate("cvss", "Official fix"),
            "TF": translate("cvss", "Temporary fix"),
            "W": translate("cvss", "Workaround"),
            "U": translate("cvss", "Unavailable"),
        },
        "RC": {
            "UC": translate("cvss", "Unconfirmed"),
            "UR": translate("cvss", "Uncorroborated"),
            "C": translate("cvss", "Confirmed"),
        },
        "CDP": {
            "N": none,
            "L": low,
            "LM": translate("cvss", "Low to medium"),
            "MH": translate("cvss", "Medium to high"),
            "H": high,
        },
        "TD": {"N": none, **required},
        "CR": required,
        "IR": required,
        "AR": required,
    }


def _version_3() -> Values:
    none, low, medium, high = _levels()
    impact, required = {"N": none, "L": low, "H": high}, {"L": low, "M": medium, "H": high}
    return {
        "AV": _attack_vectors(),
        "AC": {"L": low, "H": high},
        "PR": impact,
        "UI": {"N": none, "R": translate("cvss", "Required")},
        "S": {"U": translate("cvss", "Unchanged"), "C": translate("cvss", "Changed")},
        "C": impact,
        "I": impact,
        "A": impact,
        "E": {
            "U": translate("cvss", "Unproven"),
            "P": translate("cvss", "Proof of concept"),
            "F": translate("cvss", "Functional"),
            "H": high,
        },
        "RL": {
            "O": translate("cvss", "Official fix"),
            "T": translate("cvss", "Temporary fix"),
            "W": translate("cvss", "Workaround"),
            "U": translate("cvss", "Unavailable"),
        },
        "RC": {
            "U": translate("cvss", "Unknown"),
            "R": translate("cvss", "Reasonable"),
            "C": translate("cvss", "Confirmed"),
        },
        "CR": required,
        "IR": required,
        "AR": required,
    }


def _version_4() -> Values:
    none, low, medium, high = _levels()
    impact, required = {"N": none, "L": low, "H": high}, {"L": low, "M": medium, "H": high}
    safety = translate("cvss", "Safety of people")
    present = translate("cvss", "Present")
    return {
        "AV": _attack_vectors(),
        "AC": {"L": low, "H": high},
        "AT": {"N": none, "P": present},
        "PR": impact,
        "UI": {"N": none, "P": translate("cvss", "Passive"), "A": translate("cvss", "Active")},
        "VC": impact,
        "VI": impact,
        "VA": impact,
        "SC": impact,
        "SI": {**impact, "S": safety},
        "SA": {**impact, "S": safety},
        "E": {
            "A": translate("cvss", "Attacks are known"),
            "P": translate("cvss", "Proof of concept"),
            "U": translate("cvss", "None reported"),
        },
        "CR": required,
        "IR": required,
        "AR": required,
        "S": {"N": translate("cvss", "Negligible"), "P": present},
        "AU": {"N": translate("cvss", "No"), "Y": translate("cvss", "Yes")},
        "R": {
            "A": translate("cvss", "Automatic"),
            "U": translate("cvss", "By the user"),
            "I": translate("cvss", "Irrecoverable"),
        },
        "V": {"D": translate("cvss", "Diffuse"), "C": translate("cvss", "Concentrated")},
        "RE": {"L": low, "M": translate("cvss", "Moderate"), "H": high},
        "U": {
            "Clear": translate("cvss", "Clear"),
            "Green": translate("cvss", "Green"),
            "Amber": translate("cvss", "Amber"),
            "Red": translate("cvss", "Red"),
        },
    }


def _levels() -> tuple[str, str, str, str]:
    return translate("cvss", "None"), translate("cvss", "Low"), translate("cvss", "Medium"), translate("cvss", "High")


def _attack_vectors() -> Mapping[str, str]:
    return {
        "N": translate("cvss", "Network"),
        "A": translate("cvss", "Adjacent network"),
        "L": translate("cvss", "Local"),
        "P": translate("cvss", "Physical"),
    }
