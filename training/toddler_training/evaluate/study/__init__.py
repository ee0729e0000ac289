"""The human study: a questionnaire that is filled in without a network, and what its answers say."""
