"""The key ring: loads the files of this process's roles, and hands out exactly their keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID

from secure_mail.application.ports.safety import SafetyError
from secure_mail.domain.sealing import KeyName
from secure_mail.infrastructure.vault.key_files import path_of, read_key_file
from secure_mail.infrastructure.vault.key_pairs import PrivatePair, public_key
from secure_mail.infrastructure.vault.keyed import (
    AddressIndex,
    ArrivalDigests,
    DerivedStopCodes,
    DerivedTokens,
    MailMarks,
    TaggedBounces,
)
from secure_mail.infrastructure.vault.private_files import refuse_open_folder
from secure_mail.infrastructure.vault.public_keys import PublicKeys, read_public
from secure_mail.infrastructure.vault.roles import (
    AUDIT,
    DEDUPE,
    INDEX,
    LINK,
    OWN_MAIL,
    RECEIPT,
    STOP,
    KeyRole,
    Secret,
    SecretKind,
)
from secure_mail.infrastructure.vault.sealing import HpkeOpener, HpkeSealer
from secure_mail.infrastructure.vault.signing import Signer
from secure_mail.infrastructure.vault.wrapping import WrappingKeys


class RoleKeys:
    """The keys of one role. Asking for what it has no key for raises SafetyError at once."""

    def __init__(self, role: KeyRole, deployment: UUID, secrets: Iterable[Secret]) -> None:
        self._role = role
        self._deployment = deployment
        self._secrets = tuple(secrets)

    def opener(self) -> HpkeOpener:
        pairs = {
            (KeyName(secret.name), secret.version): PrivatePair(secret.octets).key()
            for secret in self._secrets
            if secret.kind is SecretKind.PAIR
        }
        if not pairs:
            raise self._lacks("private key")
        return HpkeOpener(self._deployment, pairs)

    def dedupe_key(self) -> ArrivalDigests:
        return ArrivalDigests(self._newest(DEDUPE).octets)

    def own_mail(self) -> MailMarks:
        return MailMarks(self._newest(OWN_MAIL).octets)

    def bounce_tags(self) -> TaggedBounces:
        return TaggedBounces(self._newest(OWN_MAIL).octets)

    def blind_index(self) -> AddressIndex:
        secret = self._newest(INDEX)
        return AddressIndex(secret.octets, secret.version)

    def link_tokens(self) -> DerivedTokens:
        return DerivedTokens(self._newest(LINK).octets)

    def stop_codes(self) -> DerivedStopCodes:
        return DerivedStopCodes(self._newest(STOP).octets)

    def receipt_signer(self) -> Signer:
        return self._signer(RECEIPT)

    def audit_signer(self) -> Signer:
        return self._signer(AUDIT)

    def _signer(self, name: str) -> Signer:
        secret = self._newest(name)
        return Signer(f"{name}-{secret.version}", secret.octets)

    def _newest(self, name: str) -> Secret:
        found = [s for s in self._secrets if s.name == name and s.kind is not SecretKind.PAIR]
        if not found:
            raise self._lacks(f"{name} key")
        return max(found, key=lambda secret: secret.version)

    def _lacks(self, what: str) -> SafetyError:
        return SafetyError(
            f"role {self._role} holds no {what}", "its key file", "Run it in a role that does"
        )


class KeyRing:
    """Verified public keys, and the private files of the named roles and of no other."""

    def __init__(self, public: PublicKeys, roles: Mapping[KeyRole, RoleKeys]) -> None:
        self.public = public
        self._roles = roles

    @classmethod
    def load(
        cls, key_dir: Path, pin: str, roles: Iterable[KeyRole], wrapping: WrappingKeys
    ) -> KeyRing:
        """Reads `public.json` and one key file per role.

        `pin` is the root public key in base64. Raises SafetyError: a signature that does not hold,
        a file open to others, a wrong wrapping key, a private key that is not its public key's.
        """
        refuse_open_folder(key_dir)
        public = read_public(key_dir, pin)
        loaded = {}
        for role in roles:
            secrets = read_key_file(key_dir, role, public.deployment, wrapping.of(role))
            _refuse_strange_pairs(secrets, public, path_of(key_dir, role))
            loaded[role] = RoleKeys(role, public.deployment, secrets)
        return cls(public, loaded)

    def of(self, role: KeyRole) -> RoleKeys:
        """The keys of one loaded role. Raises SafetyError for any other."""
        if role not in self._roles:
            raise SafetyError(
                f"keys of role {role} were not loaded", "this process", "Add the role"
            )
        return self._roles[role]

    def sealer(self) -> HpkeSealer:
        """Seals to every key pair of the deployment; needs no role."""
        return HpkeSealer(
            self.public.deployment,
            {
                KeyName(key.name): (key.version, public_key(key.octets))
                for key in self.public.newest().values()
                if key.kind is SecretKind.PAIR
            },
        )

    def refuse_missing(self, names: Iterable[KeyName]) -> None:
        """Raises SafetyError when a queue of the rules file has no key pair yet."""
        if missing := sorted(set(names) - self.public.newest().keys()):
            what = f"no key pair {', '.join(missing)}"
            raise SafetyError(what, "public.json", "Run secure-mail keys init --add")


def _refuse_strange_pairs(secrets: Iterable[Secret], public: PublicKeys, path: Path) -> None:
    """A private key whose public half is not the signed one would make mail unreadable later."""
    signed = {(key.name, key.version): key.octets for key in public.keys}
    for secret in secrets:
        if secret.kind is not SecretKind.PAIR:
            continue
        if signed.get((secret.name, secret.version)) != PrivatePair(secret.octets).public():
            what = f"private key {secret.name} has another public key than public.json"
            raise SafetyError(what, str(path), "Restore both files from the same backup")
