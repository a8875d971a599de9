"""The tables of exposure: products and the statements about them, machines, programs, findings, events, webhooks."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from backend.store.tables import Id, Identity, UtcDateTime, metadata

products = Table(
    "products",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("vendor_key", Id, nullable=False),  # what all spellings share, see domain.names
    Column("product_key", Id, nullable=False),
    Column("vendor", Text, nullable=False),  # the spelling that stands for all
    Column("product", Text, nullable=False),
)
Index("ux_products", products.c.product_key, products.c.vendor_key, unique=True)
Index("ix_products_vendor", products.c.vendor_key)

product_forms = Table(  # shortened names and package URLs by which products are found; see domain.products.name_forms
    "product_forms",
    metadata,
    Column("form", Id, primary_key=True),
    Column("product_id", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

product_statements = Table(
    "product_statements",
    metadata,
    Column("product_id", Integer, primary_key=True, autoincrement=False),
    Column("vulnerability", Integer, primary_key=True, autoincrement=False),  # vulnerabilities.id
    Column("statements", LargeBinary, nullable=False),  # see repositories.statements
    sqlite_with_rowid=False,
)

machines = Table(
    "machines",
    metadata,
    Column("number", Identity, primary_key=True),
    Column("id", Id, nullable=False, unique=True),  # the machine's own
    Column("name", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("os", Text),  # contract.inventory.OperatingSystem as JSON
    Column("digest", LargeBinary, nullable=False),  # of the last inventory
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("sent_by", Text, nullable=False, server_default=text("''")),  # the PC that sent the inventory; "": not known
)

programs = Table(  # distinct entries of all inventories, each matched once for all machines
    "programs",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),  # of the entry
    Column("entry", Text, nullable=False),  # contract.inventory.SoftwareEntry as JSON; of a system OperatingSystem
    Column("name", Text, nullable=False),
    Column("is_system", Boolean, nullable=False),
    Column("product", Text),  # the leading "vendor:product"
    Column("resolution", Text),  # services.exposure.resolution.StoredResolution as JSON
    Column("is_certain", Boolean, nullable=False, server_default=text("false")),
    Column("products_seen", Integer, nullable=False, server_default="0"),  # the newest product when it was resolved
    Column("wanted", Integer, nullable=False, server_default="1"),  # incremented when it has to be matched again
    Column("matched", Integer, nullable=False, server_default="0"),  # `wanted` of the last matching
    Column("claimed_by", Text),  # the run that matches it
    Column("not_affected", Integer, nullable=False, server_default="0"),
    Column("place", Integer, nullable=False, server_default="0"),  # among the new ones of the inventory that brought it
    Column("endings", Text),  # services.exposure.endings.Endings as JSON, while its findings follow a new matching
)

program_products = Table(
    "program_products",
    metadata,
    Column("product_key", Id, primary_key=True),
    Column("vendor_key", Id, primary_key=True),
    Column("program_id", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
Index("ix_program_products_program", program_products.c.program_id)

program_matches = Table(
    "program_matches",
    metadata,
    Column("program_id", Integer, primary_key=True, autoincrement=False),
    Column("cve_id", Id, primary_key=True),
    Column("verdict", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("fixed_in", Text, nullable=False),
    Column("source", String(16), nullable=False),
    sqlite_with_rowid=False,
)

machine_programs = Table(
    "machine_programs",
    metadata,
    Column("machine", Integer, primary_key=True, autoincrement=False),
    Column("program_id", Integer, primary_key=True, autoincrement=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_machine_programs_program", machine_programs.c.program_id)

findings = Table(
    "findings",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("machine", Integer, nullable=False),
    Column("program_id", Integer, nullable=False),
    Column("cve_id", Id, nullable=False),
    Column("state", String(16), nullable=False),  # contract.findings.FindingState
    Column("note", Text, nullable=False, server_default=text("''")),
    Column("until", UtcDateTime),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("resolved_at", UtcDateTime),
)
Index("ux_findings", findings.c.program_id, findings.c.cve_id, findings.c.machine, unique=True)
Index("ix_findings_machine", findings.c.machine)
Index("ix_findings_cve_id", findings.c.cve_id)

finding_history = Table(
    "finding_history",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("finding_id", Integer, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("note", Text, nullable=False),
    Column("by_user", Text, nullable=False, server_default=text("''")),  # who did it; "": the program, or not known
    Column("by_machine", Text, nullable=False, server_default=text("''")),
)
Index("ix_finding_history", finding_history.c.finding_id)

product_decisions = Table(
    "product_decisions",
    metadata,
    Column("name", Text, primary_key=True),  # domain.products.resolution.DecisionKey
    Column("publisher", Text, primary_key=True),
    Column("vendor", Text, nullable=False),  # "": none of the known products
    Column("product", Text, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("by_user", Text, nullable=False, server_default=text("''")),
    Column("by_machine", Text, nullable=False, server_default=text("''")),
)

events = Table(  # what happened to vulnerabilities, see contract.inbox
    "events",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("kind", String(16), nullable=False),  # contract.inbox.EventKind
    Column("cve_id", Id, nullable=False),
    Column("machine", Integer, nullable=False, server_default="0"),  # 0: the event is not of one machine
    Column("moment", String(32), nullable=False),  # tells two events of a kind apart, and a repeated one from a new one
    Column("happened_at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("epss_before", Float),
    Column("epss_after", Float),
    Column("is_mine", Boolean, nullable=False, server_default=text("false")),  # see repositories.concern
    Column("read_at", UtcDateTime),
    Column("is_watched", Boolean, nullable=False, server_default=text("false")),  # the part of `is_mine` that all share
)
Index("ux_events", events.c.cve_id, events.c.kind, events.c.machine, events.c.moment, unique=True)
unread_and_mine = events.c.read_at.is_(None) & events.c.is_mine
# Counted with every snapshot: the index has only what is counted, and all that the count reads.
Index(
    "ix_events_unread",
    events.c.cve_id,
    events.c.kind,
    sqlite_where=unread_and_mine,
    postgresql_where=unread_and_mine,
)

webhooks = Table(  # receivers of events; their addresses and secrets are in the keyring, see services.webhooks
    "webhooks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),  # contract.webhooks.WebhookKind
    Column("scope", String(16), nullable=False),  # contract.inbox.InboxScope
    Column("events", Text, nullable=False),  # the kinds of events, separated by blanks
    Column("place", Text, nullable=False),  # scheme, host and port of the address
    Column("signed", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("batch_id", String(40)),  # of the message that is being sent; null: none
    Column("batch_body", LargeBinary),
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row
    Column("failing_since", UtcDateTime),
    Column("retry_at", UtcDateTime),  # nothing is sent before
    Column("error", Text, nullable=False, server_default=text("''")),
    Column("last_success_at", UtcDateTime),
    Column("holder_id", Text, nullable=False, server_default=text("''")),  # the PC whose keyring has the address
    Column("holder_name", Text, nullable=False, server_default=text("''")),
)

webhook_events = Table(  # what is still to be sent to each webhook
    "webhook_events",
    metadata,
    Column("webhook", Id, ForeignKey(webhooks.c.id, ondelete="CASCADE"), primary_key=True),
    Column("event", Identity, ForeignKey(events.c.id, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("in_batch", Boolean, nullable=False, server_default=text("false")),  # part of the message being sent
    sqlite_with_rowid=False,
)
Index("ix_webhook_events_event", webhook_events.c.event)
