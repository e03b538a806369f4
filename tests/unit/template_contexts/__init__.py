"""Sample contexts for every page template: what a view hands in, valid and in error."""

from tests.unit.template_contexts import partners, public, staff, supervision

CONTEXTS = {**public.CONTEXTS, **staff.CONTEXTS, **supervision.CONTEXTS, **partners.CONTEXTS}
