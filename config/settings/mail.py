"""Email."""

from .environment import env

# Without EMAIL_URL, emails are printed in the terminal and saved in DATA_DIR/mail.
if env("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "core.mail.TerminalAndFolderBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Kith <kith@localhost>")
