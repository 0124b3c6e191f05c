"""sgqlc: operations written in Python. The schema's module is made once:

python -m sgqlc.introspection -H "Authorization: Bearer $ENTENTE_TOKEN" "$ENTENTE_URL/graphql" schema.json
sgqlc-codegen schema schema.json entente_schema.py

usage: ENTENTE_URL=https://entente.example ENTENTE_TOKEN=… python sgqlc_example.py
"""

import os

from entente_schema import Query
from sgqlc.endpoint.http import HTTPEndpoint
from sgqlc.operation import Operation

endpoint = HTTPEndpoint(
    os.environ["ENTENTE_URL"] + "/graphql",
    {"Authorization": "Bearer " + os.environ["ENTENTE_TOKEN"], "Accept-Language": "en"},
)

operation = Operation(Query)
service = operation.service(by={"slug": "patient-management"})
service.name()
service.outcomes().__fields__("key", "statement")

answer = endpoint(operation)
if "errors" in answer:
    raise SystemExit(answer["errors"])
found = (operation + answer).service
print(found.name, [outcome.key for outcome in found.outcomes])
