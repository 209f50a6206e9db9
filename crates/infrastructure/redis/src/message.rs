use doorward_domain::{GrantId, SessionId, UserId};
use doorward_ports::outbound::{Random, Revocation};
use uuid::Uuid;

/// The channel of messages between nodes. All names of Doorward in Redis have the same prefix; the braces keep them in
/// one slot of a cluster.
pub(crate) const CHANNEL: &str = "doorward:{bus}:revocations";

/// The largest number of revocations in one message: together about eight kilobytes.
pub(crate) const MOST: usize = 500;

const VERSION: u8 = 1;
const SESSION: u8 = b's';
const USER: u8 = b'u';
const ACCOUNT: u8 = b'a';
const CLIENT: u8 = b'c';
const KEYS: u8 = b'k';
const PROVIDERS: u8 = b'p';
const ROLES: u8 = b'r';
const EVERYONE: u8 = b'e';

/// Distinguishes the messages of this node from those of others; generated at each start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeId([u8; 8]);

impl NodeId {
    pub(crate) fn draw(random: &dyn Random) -> Self {
        let mut bytes = [0; 8];
        random.fill(&mut bytes);
        Self(bytes)
    }
}

/// A message to the other nodes; without revocations it is a heartbeat.
///
/// One byte for the version, eight for the node, then for each revocation a letter and, for all except `e`, `k`, `p`
/// and `r`, sixteen bytes of the id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) from: NodeId,
    pub(crate) revocations: Vec<Revocation>,
}

impl Message {
    pub(crate) fn to_bytes(from: NodeId, revocations: &[Revocation]) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend(from.0);
        for &revocation in revocations {
            let (kind, id) = match revocation {
                Revocation::Session(id) => (SESSION, Some(id.as_uuid())),
                Revocation::User(id) => (USER, Some(id.as_uuid())),
                Revocation::Account(id) => (ACCOUNT, Some(id.as_uuid())),
                Revocation::Client(id) => (CLIENT, Some(id.as_uuid())),
                Revocation::Keys => (KEYS, None),
                Revocation::Providers => (PROVIDERS, None),
                Revocation::Roles => (ROLES, None),
                Revocation::Everyone => (EVERYONE, None),
            };
            bytes.push(kind);
            bytes.extend(id.into_iter().flat_map(Uuid::into_bytes));
        }
        bytes
    }

    /// None for another version, and for bytes that are not a message. An unknown revocation ends the message: those
    /// before it are used, and the rest is read in the database.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (&VERSION, rest) = bytes.split_first()? else { return None };
        let (&from, mut rest) = rest.split_first_chunk()?;
        let mut revocations = Vec::new();
        while let Some((revocation, behind)) = first(rest) {
            revocations.push(revocation);
            rest = behind;
        }
        Some(Self { from: NodeId(from), revocations })
    }
}

fn first(bytes: &[u8]) -> Option<(Revocation, &[u8])> {
    let (&kind, rest) = bytes.split_first()?;
    match kind {
        EVERYONE => return Some((Revocation::Everyone, rest)),
        ROLES => return Some((Revocation::Roles, rest)),
        KEYS => return Some((Revocation::Keys, rest)),
        PROVIDERS => return Some((Revocation::Providers, rest)),
        _ => {}
    }
    let (&id, rest) = rest.split_first_chunk()?;
    let id = Uuid::from_bytes(id);
    let revocation = match kind {
        SESSION => Revocation::Session(SessionId::from_uuid(id)),
        USER => Revocation::User(UserId::from_uuid(id)),
        ACCOUNT => Revocation::Account(UserId::from_uuid(id)),
        CLIENT => Revocation::Client(GrantId::from_uuid(id)),
        _ => return None,
    };
    Some((revocation, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn revocations() -> impl Strategy<Value = Vec<Revocation>> {
        let one = (0..8, any::<u128>()).prop_map(|(kind, id)| {
            let id = Uuid::from_u128(id);
            match kind {
                0 => Revocation::Session(SessionId::from_uuid(id)),
                1 => Revocation::User(UserId::from_uuid(id)),
                2 => Revocation::Client(GrantId::from_uuid(id)),
                3 => Revocation::Keys,
                4 => Revocation::Account(UserId::from_uuid(id)),
                5 => Revocation::Roles,
                6 => Revocation::Providers,
                _ => Revocation::Everyone,
            }
        });
        prop::collection::vec(one, 0..20)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(node: [u8; 8], revocations in revocations()) {
            let from = NodeId(node);
            let read = Message::read(&Message::to_bytes(from, &revocations));
            prop_assert_eq!(read, Some(Message { from, revocations }));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = Message::read(&bytes);
            let _ = Message::read(&[&[VERSION][..], &bytes].concat());
        }

        #[test]
        fn a_message_that_is_cut_tells_what_came_whole(revocations in revocations(), cut in 9_usize..400) {
            let bytes = Message::to_bytes(NodeId([7; 8]), &revocations);
            let read = Message::read(&bytes[..cut.min(bytes.len())]).expect("its head is whole");
            prop_assert!(revocations.starts_with(&read.revocations));
        }
    }

    #[test]
    fn the_format_of_version_one_stays_as_it_is() {
        let revocations = [Revocation::Everyone, Revocation::User(UserId::from_uuid(Uuid::from_bytes([2; 16])))];
        let bytes = Message::to_bytes(NodeId(*b"node-one"), &revocations);
        assert_eq!(bytes, [b"\x01node-oneeu".as_slice(), &[2; 16]].concat());
    }

    #[test]
    fn another_version_is_skipped_and_so_is_what_is_no_message() {
        for bytes in [&b"\x02node-onee"[..], b"", b"\x01short", b"hello"] {
            assert_eq!(Message::read(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_kind_that_is_not_known_ends_the_message() {
        let bytes = [b"\x01node-onee".as_slice(), b"?", &[1; 16], b"e"].concat();
        assert_eq!(Message::read(&bytes).map(|message| message.revocations), Some(vec![Revocation::Everyone]));
    }
}
