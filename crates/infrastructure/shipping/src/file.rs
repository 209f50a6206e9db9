use crate::Render;
use async_trait::async_trait;
use doorward_ports::outbound::{AuditDestination, NotDelivered, SealedEvent};
use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// How much is read at once to find the last whole line.
const STEP: u64 = 64 * 1024;

/// A file to which lines are appended. Only its owner may read a new one.
pub struct File {
    path: PathBuf,
    render: Render,
    open: Arc<Mutex<Option<fs::File>>>,
}

impl File {
    /// The file is opened when the first lines are delivered.
    #[must_use]
    pub fn new(path: PathBuf, render: Render) -> Self {
        Self { path, render, open: Arc::default() }
    }
}

#[async_trait]
impl AuditDestination for File {
    async fn deliver(&self, lines: &[SealedEvent]) -> Result<(), NotDelivered> {
        let mut text = String::new();
        for line in lines {
            text.push_str(&(self.render)(line));
            text.push('\n');
        }
        let (path, open) = (self.path.clone(), self.open.clone());
        let written = tokio::task::spawn_blocking(move || {
            let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
            // After an error, the file may end with a part of a line: it is opened anew, and mended.
            let file = match open.take().filter(|file| is_still_at(file, &path)) {
                Some(file) => file,
                None => opened(&path)?,
            };
            append(&file, &text)?;
            *open = Some(file);
            Ok(())
        });
        let failed = |error| NotDelivered::to(&format!("the file {}", self.path.display()), error);
        written.await.unwrap_or_else(|stopped| Err(io::Error::other(stopped))).map_err(failed)
    }
}

fn append(mut file: &fs::File, text: &str) -> io::Result<()> {
    file.write_all(text.as_bytes())?;
    file.sync_data()
}

/// Whether the path still leads to the open file: whoever rotates logs renames the file, and expects a new one.
fn is_still_at(file: &fs::File, path: &Path) -> bool {
    let (Ok(open), Ok(there)) = (file.metadata(), fs::metadata(path)) else { return false };
    (open.dev(), open.ino()) == (there.dev(), there.ino())
}

fn opened(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    let mut file = options.read(true).append(true).create(true).mode(0o600).open(path)?;
    mend(&mut file)?;
    // So that a new file is still there after a power failure.
    fs::File::open(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?
        .sync_all()?;
    Ok(file)
}

/// Removes a line without an end. Nobody has confirmed it, so it is delivered again.
fn mend(file: &mut fs::File) -> io::Result<()> {
    let length = file.metadata()?.len();
    let whole = end_of_last_line(file, length)?;
    if whole < length { file.set_len(whole) } else { Ok(()) }
}

fn end_of_last_line(file: &mut fs::File, length: u64) -> io::Result<u64> {
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(STEP);
        let mut part = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        file.take(end - start).read_to_end(&mut part)?;
        if let Some(at) = part.iter().rposition(|&byte| byte == b'\n') {
            return Ok(start + u64::try_from(at).unwrap_or(0) + 1);
        }
        end = start;
    }
    Ok(0)
}
