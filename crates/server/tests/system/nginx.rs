//! A real nginx, in one process that ends with the test.
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::client::Client;
use crate::server::{Server, wait_until};

/// Starts it by this configuration of its servers, of which one listens where the client asks. All that it writes stands in
/// the folder.
pub fn start(servers: &str, client: Client, folder: &Path) -> Server {
    let here = folder.display();
    let temporary =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path {here};"));
    let http = format!("access_log off;\n{}\n{servers}", temporary.join("\n"));
    let whole = format!("daemon off;\nmaster_process off;\npid {here}/pid;\nevents {{}}\nhttp {{\n{http}\n}}\n");
    std::fs::write(folder.join("nginx.conf"), whole).expect("a file can be written");
    let nginx = std::env::var("DOORWARD_TEST_NGINX").unwrap_or_else(|_| "/usr/sbin/nginx".to_owned());
    let mut command = Command::new(nginx);
    command.args(["-e", "stderr", "-p"]).arg(folder).arg("-c").arg(folder.join("nginx.conf"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let server = Server::spawn(command, client);
    wait_until("nginx is there", || TcpStream::connect(client.address).is_ok());
    server
}
