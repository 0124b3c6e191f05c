"""The client that ariadne-codegen makes: typed models, texts in the reader's language, every page of a list.

usage: ENTENTE_URL=https://entente.example ENTENTE_TOKEN=… python ariadne_example.py
"""

import os
from datetime import datetime, timezone

from entente_client import Client

client = Client(
    url=os.environ["ENTENTE_URL"] + "/graphql",
    headers={"Authorization": "Bearer " + os.environ["ENTENTE_TOKEN"], "Accept-Language": "fr"},
)

service = client.service_by_slug(slug="patient-management").service
print(service.name, [f"{cost.key}: {cost.amount.amount} {cost.amount.currency}" for cost in service.costs if cost.amount])

after = None
while True:
    page = client.services_since(since=datetime(2020, 1, 1, tzinfo=timezone.utc), after=after).services
    for node in page.nodes:
        print(node.slug, node.updated_at.isoformat())
    if not page.page_info.has_next_page:
        break
    after = page.page_info.end_cursor

dry_run = client.change_statement(slug="patient-management", key="one-record", statement={"fr": "Un seul dossier."})
print([change.path for change in dry_run.definition_apply.changes], dry_run.definition_apply.user_errors)
