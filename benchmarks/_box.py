"""A sandbox in a process of its own, with the source ``s`` published at ``shop/rows``.

    python benchmarks/_box.py FILE

Prints its address, the provider's id and secret, and the endpoint. For each line on standard input it waits until
every acknowledged import is visible, and then prints the processor seconds it has used so far; it ends with the input.
"""

import sys
import time

from occtoo_frames._sandbox.platform import LocalPlatform

FACETS = ("brand", "category", "material")


def main() -> None:
    """Serves until nobody asks any more."""
    with LocalPlatform(sys.argv[1]) as platform:
        platform.add_source("s")
        url = platform.publish("shop", "rows", source="s", languages=["en", "sv", "de"], facets=FACETS)
        print(platform.url, platform.provider_id, platform.provider_secret, url, flush=True)
        for _ in sys.stdin:
            platform.settle(3_600)
            print(time.process_time(), flush=True)


if __name__ == "__main__":
    main()
