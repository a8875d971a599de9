"""Words that do not name a program or company, and words that make another product of its name."""

from __future__ import annotations

_VERSION_WORDS = "version ver ver. v v. release build rev rev. patchlevel - : | \u2013"
_STAGES = """
    alpha beta rc preview nightly insiders stable snapshot trial demo portable esr lts eval evaluation canary
"""
_SCOPES = "edition bit bits arm msvc gnu mingw"
_USERS = "user current only all users remove uninstall machine-wide machine per-user"
_LANGUAGES = """
    english german deutsch french français spanish español italian italiano portuguese português brasil japanese 日本語
    chinese 中文 简体中文 繁體中文 russian русский czech čeština polish polski dutch nederlands korean 한국어 swedish
    svenska danish dansk norwegian norsk finnish suomi hungarian magyar turkish türkçe greek ukrainian українська mui
    multilingual mehrsprachig multilingue international
"""
_EDITIONS = """
    edition community personal professional enterprise standard ultimate home free freeware premium basic plus
    business corporate portable trial demo stable beta ce lite full pro
"""
_CLIENT_ROLES = "client desktop app application player browser gui workstation"
_SERVER_ROLES = "server service manager console gateway cloud appliance"
_ADDITIONS = """
    plugin plugins plug-in plug-ins addin addins add-in add-ins addon addons add-on add-ons extension extensions sdk
    tools help documentation docs samples templates theme themes skin language langpack font fonts library
    libraries schemas enabler viewer connector redistributable prerequisites sprachpaket zusatzmodul hilfe linguistique
"""
_FURTHER_PARTS = """
    agent agents driver drivers treiber treiberpaket pilote pilotes toolkit api setup installer install update updater
    updates aktualisierung hotfix patch pack runtime runtimes module component components sample firmware kit
    integration package support uninstall bios companion launcher converter
"""
_COMPANY_WORDS = """
    the a and of by inc incorporated corp corporation co company ltd limited llc gmbh ag sa sas srl sro bv ab oy as asa
    aps kg pty plc pte pvt private spa nv ug eu se lp team teams project projects developer developers development
    community contributors authors foundation software softwares technologies technology tech labs lab laboratories
    systems system solutions group holdings international worldwide com org net www http https copyright open source
    opensource studio studios interactive entertainment networks network online
"""

VERSION_WORDS = frozenset(_VERSION_WORDS.split())
STAGES = frozenset(_STAGES.split())
SCOPES = frozenset(_SCOPES.split())
USERS = frozenset(_USERS.split())
"""For whom a program is installed, in brackets: "Docker Machine" is a product."""
LANGUAGES = frozenset(_LANGUAGES.split())
EDITIONS = frozenset(_EDITIONS.split())
CLIENT_ROLES = frozenset(_CLIENT_ROLES.split())
SERVER_ROLES = frozenset(_SERVER_ROLES.split())
ROLES = CLIENT_ROLES | SERVER_ROLES
ADDITIONS = frozenset(_ADDITIONS.split())
"""A plug-in or a language pack is never the product to which it is added."""
PARTS = ADDITIONS | frozenset(_FURTHER_PARTS.split())
"""A driver or an updater is not the product of which it is a part, but some records are about drivers."""
COMPANY_WORDS = frozenset(_COMPANY_WORDS.split())
"""Legal forms, and words that companies and projects have in common."""
