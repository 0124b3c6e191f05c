#!/usr/bin/env python3
"""Opens a ticket in the customer's Zammad for each decision that the customer has to make in Entente, and closes it when the
decision is made. Run it every few minutes; running it again changes nothing.

ENTENTE_URL is the address of the server. ENTENTE_TOKEN is a token of the customer's organization with the scope read.
ZAMMAD_URL is the address of Zammad, ZAMMAD_TOKEN an access token with the permission ticket.agent. In Zammad, tickets need a
text attribute `entente_agreement` (Admin, Objects, Ticket): it holds the id of the agreement, so that each decision has one
ticket.

For another tool, replace the three functions that call Zammad.
"""

import json, os, urllib.parse, urllib.request

AWAITING = """
query Awaiting($after: String) {
  services(filter: {awaitingDecision: true}, first: 100, after: $after) {
    nodes {
      slug name
      definition { revision comment changes { path } agreements { id state } }
      proposedDefinition { revision comment changes { path } agreements { id state } }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""
DECIDED = "query Decided($ids: [ID!]!) { nodes(ids: $ids) { ... on Agreement { id state comment decidedBy { displayName } } } }"
GROUP = os.environ.get("ZAMMAD_GROUP", "Users")
CUSTOMER = os.environ.get("ZAMMAD_CUSTOMER", "referent@chu.example")


def call(url, authorization, body=None, method=None):
    """The JSON that a server answers."""
    headers = {"Authorization": authorization, "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=30) as response:
        return json.load(response)


def entente(query, **variables):
    answer = call(os.environ["ENTENTE_URL"] + "/graphql", "Bearer " + os.environ["ENTENTE_TOKEN"], {"query": query, "variables": variables})
    for error in answer.get("errors", []):
        raise SystemExit(f"Entente: {error['extensions']['code']}: {error['message']}")
    return answer["data"]


def zammad(path, body=None, method=None):
    return call(f"{os.environ['ZAMMAD_URL']}/api/v1/{path}", "Token token=" + os.environ["ZAMMAD_TOKEN"], body, method)


def open_tickets():
    """The tickets that are not closed, by agreement."""
    query = urllib.parse.urlencode({"query": "entente_agreement:* AND NOT state.name:closed", "expand": "true", "limit": 200})
    found = zammad(f"tickets/search?{query}")
    return {ticket["entente_agreement"]: ticket for ticket in found if ticket.get("entente_agreement")}


def open_ticket(agreement, title, body):
    article = {"subject": title, "body": body, "type": "note", "internal": False}
    ticket = {"title": title, "group": GROUP, "customer": CUSTOMER, "entente_agreement": agreement, "article": article}
    return zammad("tickets", ticket)["number"]


def close_ticket(ticket, body):
    zammad(f"tickets/{ticket['id']}", {"state": "closed", "article": {"body": body, "type": "note", "internal": False}}, "PUT")


def awaiting():
    """What the organization has to decide: the service and the revision, by agreement."""
    found, after = {}, None
    while True:
        page = entente(AWAITING, after=after)["services"]
        for service in page["nodes"]:
            for revision in filter(None, [service["definition"], service["proposedDefinition"]]):
                pending = (one for one in revision["agreements"] if one["state"] == "PENDING")
                found.update((agreement["id"], (service, revision)) for agreement in pending)
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def main():
    tickets, wanted = open_tickets(), awaiting()
    for agreement, (service, revision) in wanted.items():
        if agreement in tickets:
            continue
        number = revision["revision"]
        lines = [revision["comment"] or "", "Changes:", *(f"- {change['path']}" for change in revision["changes"])]
        lines += ["", f"entente agree {service['slug']} --revision {number}", f"entente object {service['slug']} --revision {number} --comment …"]
        title = f"Decide on {service['name']}, revision {number}"
        print(f"opened {open_ticket(agreement, title, chr(10).join(lines))}: {title}")
    over = [agreement for agreement in tickets if agreement not in wanted]
    decided = {}
    for start in range(0, len(over), 200):
        nodes = entente(DECIDED, ids=over[start : start + 200])["nodes"]
        decided.update((node["id"], node) for node in nodes if node)
    for agreement in over:
        made = decided.get(agreement)
        if made and made["decidedBy"]:
            reason = f"{made['state']} by {made['decidedBy']['displayName']}: {made['comment'] or 'no comment'}"
        else:
            reason = "No decision is needed any more: the revision is neither published nor proposed."
        close_ticket(tickets[agreement], reason)
        print(f"closed {tickets[agreement]['number']}: {reason}")
    if not tickets and not wanted:
        print("nothing to decide")


if __name__ == "__main__":
    main()
