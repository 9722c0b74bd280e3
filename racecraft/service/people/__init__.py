"""People: who they are, how they get in, and what they came in with.

    person         the record, racer names, profiles
    passwords      argon2
    credentials    the hashes that somebody signs in with
    codes          secrets that are shown once and kept as hashes
    sessions       browsers that are signed in
    api_tokens     keys for programs, with scopes
    attempts       how often something may be tried
    sign_in        by password or recovery code, not too often
    invitations    links and codes with an end and a head count
    registration   becoming a racer: open, by invitation, or walk-up with a name alone
    administration roles, locking out, deleting

Nothing here needs an e-mail server: who has lost a password has a recovery code, or asks an admin.
"""
