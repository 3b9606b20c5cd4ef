"""What the workers of these tests import beside the sandbox: a package whose criteria take their time."""

from openedx_user_groups.criteria import register
from tests.services.criteria import PLUGIN

for name, criterion in PLUGIN.items():
    register(name)(criterion)
