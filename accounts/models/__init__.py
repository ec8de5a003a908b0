"""The models of accounts, by noun."""

from accounts.models.addresses import STOPPABLE_FOR, AddressChange
from accounts.models.blocks import Block, blocked_either_way
from accounts.models.data import IMPORT_ROW_MAX, DataExport, DataImport, DataImportRow
from accounts.models.former_names import FormerName
from accounts.models.interests import Interest
from accounts.models.member import (
    BIO_MAX,
    DISPLAY_NAME_MAX,
    ONBOARDING_PERIOD,
    Member,
    MemberManager,
    MemberQuerySet,
    username_validators,
)
from accounts.models.places import SignInPlace
from accounts.models.signup import (
    INVITE_CODE_MAX,
    Invite,
    InviteQuerySet,
    InviteUse,
    SignupMode,
    SignupRequest,
    SignupRequestQuerySet,
    signup_mode,
)

__all__ = [
    "BIO_MAX",
    "DISPLAY_NAME_MAX",
    "IMPORT_ROW_MAX",
    "INVITE_CODE_MAX",
    "ONBOARDING_PERIOD",
    "STOPPABLE_FOR",
    "AddressChange",
    "Block",
    "DataExport",
    "DataImport",
    "DataImportRow",
    "FormerName",
    "Interest",
    "Invite",
    "InviteQuerySet",
    "InviteUse",
    "Member",
    "MemberManager",
    "MemberQuerySet",
    "SignInPlace",
    "SignupMode",
    "SignupRequest",
    "SignupRequestQuerySet",
    "blocked_either_way",
    "signup_mode",
    "username_validators",
]
