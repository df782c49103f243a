"""One frozen Settings, read from the environment once: `settings` is ours, `providers` what they ask of us."""

from alexandria.config.hidden import find_secrets
from alexandria.config.providers import ProviderSettings
from alexandria.config.settings import Settings, read_env_file, read_settings, variables
from alexandria.config.values import Variable, variable

__all__ = [
    "ProviderSettings", "Settings", "Variable", "find_secrets", "read_env_file", "read_settings", "variable",
    "variables",
]  # fmt: skip
