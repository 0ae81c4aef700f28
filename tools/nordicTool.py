"""Runs a command of Nordic's nrfcloud-utils against the emulator: nordicTool.py [--impatient] <origin> <command> <arguments>...

The tool has no option for its hosts, so they are rewritten where requests leave. All else is the tool's own, but for the serial port, behind
which claim_and_provision_device finds no device here, and with --impatient its waiting, which is cut short. With `{id}` among the arguments the
command is run once for each line of the standard input, which takes its place: one interpreter for all devices, where the tool starts one for each.
"""

import importlib
import sys
import time

from nrfcloud_utils import claim_and_provision_device
from requests.adapters import HTTPAdapter

HOSTS = {
    "https://api.nrfcloud.com/": "/",
    "https://api.provisioning.nrfcloud.com/": "/provisioning/",
}


class Modem:
    """Stands for the device on the serial port; its token is given with --attest."""

    shell = False

    def __init__(self, _port):
        pass

    def get_imei(self):
        return None


impatient = sys.argv[1] == "--impatient"
origin, command, *arguments = sys.argv[2 if impatient else 1 :]
send = HTTPAdapter.send


def send_to_emulator(self, request, **options):
    for host, path in HOSTS.items():
        if request.url.startswith(host):
            request.url = origin + path + request.url[len(host) :]
    return send(self, request, **options)


HTTPAdapter.send = send_to_emulator
claim_and_provision_device.Comms = lambda **_options: None
claim_and_provision_device.ATCommandInterface = Modem
if impatient:
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(min(seconds, 0.1))

run = importlib.import_module(f"nrfcloud_utils.{command}").main
if "{id}" in arguments:
    for line in sys.stdin:
        run([line.strip() if each == "{id}" else each for each in arguments])
else:
    run(arguments)
