"""The steps of the retirement of an account that apps take part in; an exception fails the step."""

from django.dispatch import Signal

# user, email, new_email
USER_RETIRE_MAILINGS = Signal()

# user, retired_username, retired_email; releases before Redwood send the user only
USER_RETIRE_LMS_CRITICAL = Signal()

# user
USER_RETIRE_LMS_MISC = Signal()
