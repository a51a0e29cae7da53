"""All tables of the review store, for what makes, compares or inspects them.

Tables lie in several modules and share one metadata, which knows those that were imported: whoever
needs all of them asks here.
"""

from __future__ import annotations

from serving.review import access_tables, door_tables, life_tables, machine_tables, record_tables, tables

MODULES = (tables, life_tables, record_tables, machine_tables, door_tables, access_tables)
METADATA = tables.Table.metadata
