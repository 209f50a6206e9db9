//! A way to a server that can be cut, slowed down, or made to swallow everything.
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::server::pause;

/// How soon a connection notices that the way has changed.
const LOOK: Duration = Duration::from_millis(10);

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Open,
    /// Every connection is ended, and a new one ends at once.
    Cut,
    /// Connections stay, and nothing comes through.
    BlackHole,
    /// What is sent arrives so much later.
    Slow(Duration),
}

pub struct Proxy {
    address: SocketAddr,
    way: Arc<Mutex<Way>>,
    to: Arc<Mutex<SocketAddr>>,
}

impl Proxy {
    /// It lives as long as the test's process.
    pub fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let (way, to) = (Arc::new(Mutex::new(Way::Open)), Arc::new(Mutex::new(server)));
        let (shared, leading_to) = (Arc::clone(&way), Arc::clone(&to));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = *leading_to.lock().expect("nobody panics with it");
                if now(&shared) != Way::Cut
                    && let Ok(server) = TcpStream::connect(server)
                {
                    join(client, server, &shared);
                }
            }
        });
        Self { address, way, to }
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leads new connections elsewhere; those that are there stay.
    pub fn lead_to(&self, server: SocketAddr) {
        *self.to.lock().expect("nobody panics with it") = server;
    }

    pub fn set(&self, way: Way) {
        *self.way.lock().expect("nobody panics with it") = way;
    }
}

fn now(way: &Mutex<Way>) -> Way {
    *way.lock().expect("nobody panics with it")
}

fn join(client: TcpStream, server: TcpStream, way: &Arc<Mutex<Way>>) {
    let twin = |stream: &TcpStream| stream.try_clone().expect("a socket can be cloned");
    for (from, to) in [(twin(&client), twin(&server)), (server, client)] {
        let way = Arc::clone(way);
        std::thread::spawn(move || carry(from, to, &way));
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, way: &Mutex<Way>) {
    from.set_read_timeout(Some(LOOK)).expect("it is no zero");
    let mut chunk = [0; 16 * 1024];
    loop {
        match now(way) {
            Way::Cut => break,
            Way::BlackHole => {
                pause(LOOK);
                continue;
            }
            Way::Open | Way::Slow(_) => {}
        }
        match from.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => {
                if let Way::Slow(time) = now(way) {
                    pause(time);
                }
                if to.write_all(&chunk[..length]).is_err() {
                    break;
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    // The other side may have closed it already.
    let _ = to.shutdown(std::net::Shutdown::Both);
    let _ = from.shutdown(std::net::Shutdown::Both);
}
