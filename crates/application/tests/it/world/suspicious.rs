use super::World;
use doorward_ports::outbound::AuditSigner;
use std::sync::Arc;

/// Signs as ever, and believes no signature.
struct Suspicious(Arc<dyn AuditSigner>);

impl AuditSigner for Suspicious {
    fn public_half(&self, private: &[u8]) -> Option<(String, Vec<u8>)> {
        self.0.public_half(private)
    }

    fn sign(&self, private: &[u8], statement: &[u8]) -> Option<Vec<u8>> {
        self.0.sign(private, statement)
    }

    fn has_signed(&self, _: &[u8], _: &[u8], _: &[u8]) -> bool {
        false
    }
}

/// The same service, which takes no signature of an audit key for genuine.
pub fn suspicious(world: &World) -> World {
    world.changed(|tools, _| tools.audit_signer = Arc::new(Suspicious(tools.audit_signer.clone())))
}
