"""What identifies a person, encrypted: a data key per unit, wrapped by a master key that no database has.

`master` is the master key behind an interface shaped like a key management service; `data_keys` seals and opens values;
`box` is how anything is encrypted, here and elsewhere.
"""

from chassis.sealing.data_keys import SealError, open_sealed, sealer
from chassis.sealing.master import FileKeyService, KeyService, key_service

__all__ = ["FileKeyService", "KeyService", "SealError", "key_service", "open_sealed", "sealer"]
