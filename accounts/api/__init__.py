"""The REST API of accounts, by noun."""

from accounts.api.deletion import Account
from accounts.api.exports import ExportFile, Exports, OneExport
from accounts.api.imports import DataList, ImportFile, ImportRows, Imports, OneImport, data_list
from accounts.api.interests import Interests, Topics
from accounts.api.invites import Invites, OneInvite
from accounts.api.profiles import OwnProfile
from accounts.api.settings import Settings

__all__ = [
    "Account",
    "DataList",
    "ExportFile",
    "Exports",
    "ImportFile",
    "ImportRows",
    "Imports",
    "Interests",
    "Invites",
    "OneExport",
    "OneImport",
    "OneInvite",
    "OwnProfile",
    "Settings",
    "Topics",
    "data_list",
]
