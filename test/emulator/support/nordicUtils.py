"""Runs a command of Nordic's nrfcloud-utils against the emulator: nordicUtils.py <origin> <command> <arguments>...

The tool has no option for the host, so the two constants that hold it are set here. All else is the tool's own, but for
its waiting, which is cut short, and the serial port, behind which claim_and_provision_device finds no device here.
"""

import importlib
import sys
import time

from nrfcloud_utils import claim_and_provision_device, nrf_cloud_diap, nrf_cloud_onboard


class Modem:
    """Stands for the device on the serial port; its token is given with --attest."""

    shell = False

    def __init__(self, _port):
        pass

    def get_imei(self):
        return None


def to_emulator(module, base):
    module.api_url = base
    module.set_dev_stage = lambda stage="": base


origin, command, *arguments = sys.argv[1:]
to_emulator(nrf_cloud_diap, f"{origin}/provisioning/v1/")
to_emulator(nrf_cloud_onboard, f"{origin}/v1/")
claim_and_provision_device.Comms = lambda **_options: None
claim_and_provision_device.ATCommandInterface = Modem
sleep = time.sleep
time.sleep = lambda seconds: sleep(min(seconds, 0.1))

importlib.import_module(f"nrfcloud_utils.{command}").main(arguments)
