#!/usr/bin/env python3
"""Removes from Entente the configuration items that their source no longer sends.

    since=$(remove_unseen.py --now)
    … send all items of the source …
    remove_unseen.py --system servicenow --since "$since"

If more than 5 % of the source's items were not sent (--most allows more), nothing is removed and the exit code is 1:
probably the source returned only a part of its items. Items that a service depends on are not removed but listed, with
exit code 1. With --tied they are removed too.

ENTENTE_URL is the address of the server. ENTENTE_TOKEN is a token of the organization that the items belong to, with the
scopes read, cmdb:read and cmdb:write.
"""

import argparse, datetime, email.utils, json, os, sys, time, urllib.error, urllib.request

SCOPES = ["read", "cmdb:read", "cmdb:write"]
BATCH = 1000

VIEWER = "{ viewer { scopes } }"
ALL = "query All($filter: ConfigurationItemFilter) { configurationItems(filter: $filter, first: 1) { totalCount } }"
UNSEEN = """
query Unseen($filter: ConfigurationItemFilter, $after: String) {
  configurationItems(filter: $filter, first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { name seenAt services { slug } externalReferences { system type key } }
  }
}"""
REMOVE = """
mutation Remove($input: ConfigurationItemsApplyInput!) {
  configurationItemsApply(input: $input) { removed userErrors { message path } }
}"""


def ask(query, variables=None, tries=4):
    """The data of the answer, and its time by the server's clock."""
    url, token = os.environ["ENTENTE_URL"] + "/graphql", os.environ["ENTENTE_TOKEN"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"query": query, "variables": variables or {}}).encode()
    for wait in range(tries):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as response:
                answer = json.load(response)
                date = email.utils.parsedate_to_datetime(response.headers["Date"])
            break
        except urllib.error.HTTPError as error:
            if error.code != 503 or wait + 1 == tries:
                sys.exit(f"Entente: {error.code} {error.read().decode()}")
        except OSError as error:
            if wait + 1 == tries:
                sys.exit(f"Entente: {error}")
        time.sleep(2**wait)
    for error in answer.get("errors", []):
        sys.exit(f"Entente: {error['extensions']['code']}: {error['message']}")
    return answer["data"], date


def unseen(filter):
    """All items that match the filter."""
    after, nodes = None, []
    while True:
        page = ask(UNSEEN, {"filter": filter, "after": after})[0]["configurationItems"]
        nodes += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return nodes
        after = page["pageInfo"]["endCursor"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--now", action="store_true", help="print the time to pass as --since: that of the server, minus a minute")
    parser.add_argument("--system", help="the source: the `system` of its keys")
    parser.add_argument("--since", help="the output of --now before the items were sent")
    parser.add_argument("--most", type=float, default=5, metavar="PERCENT", help="refuse to remove more than this (5)")
    parser.add_argument("--tied", action="store_true", help="remove also items that a service depends on")
    parser.add_argument("--dry-run", action="store_true", help="only print what would be removed")
    options = parser.parse_args()

    viewer, date = ask(VIEWER)
    if options.now:
        # The clocks of servers with the same database can differ.
        print((date - datetime.timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ"))
        return
    if not (options.system and options.since):
        parser.error("give --system and --since")
    # Without the scope `read`, the services that depend on an item are not visible.
    missing = [scope for scope in SCOPES if scope not in viewer["viewer"]["scopes"]]
    if missing:
        sys.exit(f"the token lacks {', '.join(missing)}")

    source = {"system": options.system}
    total = ask(ALL, {"filter": source})[0]["configurationItems"]["totalCount"]
    if not total:
        sys.exit(f"no item has a key of the system {options.system}")
    found = unseen({**source, "notSeenSince": options.since})
    tied = [item for item in found if item["services"] and not options.tied]
    gone = [item for item in found if item not in tied]
    for item in tied:
        print(f"left: {item['name']}, which {', '.join(service['slug'] for service in item['services'])} runs on", file=sys.stderr)
    for item in gone:
        print(f"unseen since {item['seenAt']}: {item['name']}")
    if len(found) * 100 > options.most * total:
        sys.exit(f"{len(found)} of {total} items were not sent, which is more than {options.most:g} %: nothing was removed")
    if not options.dry_run:
        keys = [next(key for key in item["externalReferences"] if key["system"] == options.system) for item in gone]
        removed = 0
        for start in range(0, len(keys), BATCH):
            items = [{"ref": key, "remove": True} for key in keys[start : start + BATCH]]
            done = ask(REMOVE, {"input": {"items": items}})[0]["configurationItemsApply"]
            if done["userErrors"]:
                sys.exit(f"Entente: {done['userErrors']}")
            removed += done["removed"]
        print(f"{removed} of {total} items removed")
    sys.exit(1 if tied else 0)


if __name__ == "__main__":
    main()
