"""Runs a command of Nordic's nrfcloud-utils against the emulator: nordic.py <origin> <command> <arguments>...

The host is rewritten where requests leave; all else is the tool's own, its waiting too. With `{id}` among the arguments the command is run
once for each line of the standard input, which takes its place: one interpreter for all devices, where the tool starts one for each.
"""

import importlib
import sys

from requests.adapters import HTTPAdapter

NRF_CLOUD = "https://api.nrfcloud.com"

origin, command, *arguments = sys.argv[1:]
send = HTTPAdapter.send


def send_to_emulator(self, request, **options):
    if request.url.startswith(NRF_CLOUD):
        request.url = origin + request.url[len(NRF_CLOUD) :]
    return send(self, request, **options)


HTTPAdapter.send = send_to_emulator
run = importlib.import_module(f"nrfcloud_utils.{command}").main
if "{id}" in arguments:
    for line in sys.stdin:
        run([line.strip() if each == "{id}" else each for each in arguments])
else:
    run(arguments)
