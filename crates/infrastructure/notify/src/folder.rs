use crate::message::Sender;
use async_trait::async_trait;
use doorward_ports::outbound::{Mail, Mailer, NotSent};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A folder with a file for each mail, for development: nothing is sent. Only its owner may read the files, because they
/// contain tokens.
pub struct Folder {
    path: PathBuf,
    sender: Sender,
}

impl Folder {
    /// The folder is created when the first mail is written.
    #[must_use]
    pub const fn new(path: PathBuf, sender: Sender) -> Self {
        Self { path, sender }
    }
}

#[async_trait]
impl Mailer for Folder {
    async fn send(&self, mail: &Mail) -> Result<(), NotSent> {
        let message = self.sender.write(mail).map_err(|error| NotSent::Refused(error.into()))?.formatted();
        let name = format!("{}-{}.eml", mail.id, mail.kind.as_str());
        blocking(self.path.clone(), move |folder| put(folder, &name, &message)).await
    }

    async fn check(&self) -> Result<(), NotSent> {
        blocking(self.path.clone(), create).await
    }
}

async fn blocking(folder: PathBuf, work: impl FnOnce(&Path) -> io::Result<()> + Send + 'static) -> Result<(), NotSent> {
    let done = tokio::task::spawn_blocking(move || work(&folder)).await;
    done.unwrap_or_else(|stopped| Err(io::Error::other(stopped))).map_err(|error| NotSent::Unavailable(error.into()))
}

fn create(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Under its name when it is whole. A mail that is written again has the same name.
fn put(folder: &Path, name: &str, message: &[u8]) -> io::Result<()> {
    create(folder)?;
    let unfinished = folder.join(format!(".{name}"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(message)?;
    file.sync_data()?;
    fs::rename(unfinished, folder.join(name))
}
