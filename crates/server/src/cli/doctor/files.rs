use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, StatVfs, access, statvfs};

use super::Finding;
use crate::wiring;
use doorward_settings::{DatabaseUrl, Settings};

const FOLDER: &str = "data folder";
const SPACE: &str = "disk space";
const KEY: &str = "signing key";
const SEALING_KEY: &str = "sealing key";
/// Warn if less of the disk is free.
const LEAST_FREE_PERCENT: u64 = 5;

/// Checks that only the owner can read the data folder and the files of the service.
pub(super) fn modes(settings: &Settings) -> Finding {
    let folder = &settings.storage.data_dir;
    let shown = folder.display();
    match fs::metadata(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Finding::ok(FOLDER, format!("{shown} does not exist yet; the first start creates it"))
        }
        Err(error) => Finding::fail(FOLDER, format!("{shown} can't be read: {error}"), "check storage.data_dir"),
        Ok(metadata) if !metadata.is_dir() => {
            Finding::fail(FOLDER, format!("{shown} is not a folder"), "set storage.data_dir to a folder")
        }
        Ok(_) if access(folder, Access::WRITE_OK | Access::EXEC_OK).is_err() => Finding::fail(
            FOLDER,
            format!("{shown} can't be written to"),
            "make it writable for the user that runs Doorward, or set storage.data_dir to another folder",
        ),
        Ok(metadata) => openness(settings, &metadata),
    }
}

/// A file that everybody can read is a failure. A file that its group can read is a warning, because some platforms share
/// volumes by group.
fn openness(settings: &Settings, folder: &Metadata) -> Finding {
    let open_to = |bits: u32| files(settings).into_iter().find(|file| mode(file).is_some_and(|mode| mode & bits != 0));
    let shown = settings.storage.data_dir.display();
    if let Some(file) = open_to(0o007) {
        let file = file.display();
        return Finding::fail(
            FOLDER,
            format!("everybody on this machine can access {file}"),
            format!("run `chmod 600 {file}`"),
        );
    }
    if let Some(file) = open_to(0o070) {
        let file = file.display();
        return Finding::warn(FOLDER, format!("the group of {file} can access it"), format!("run `chmod 600 {file}`"));
    }
    if folder.permissions().mode() & 0o077 != 0 {
        return Finding::warn(FOLDER, format!("other users can access {shown}"), format!("run `chmod 700 {shown}`"));
    }
    Finding::ok(FOLDER, format!("only their owner can access {shown} and its files"))
}

fn mode(file: &PathBuf) -> Option<u32> {
    fs::metadata(file).ok().filter(Metadata::is_file).map(|metadata| metadata.permissions().mode())
}

/// The files in the data folder, and the files of SQLite.
fn files(settings: &Settings) -> Vec<PathBuf> {
    let entries = fs::read_dir(&settings.storage.data_dir).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    if let DatabaseUrl::Sqlite(path) = &settings.database.url {
        files.extend(["", "-wal", "-shm"].map(|end| PathBuf::from(format!("{}{end}", path.display()))));
    }
    files
}

/// Checks the disks of the data folder and of the SQLite file.
pub(super) fn space(settings: &Settings) -> Finding {
    let mut places = vec![settings.storage.data_dir.as_path()];
    if let DatabaseUrl::Sqlite(path) = &settings.database.url {
        places.push(path);
    }
    let disks = places.into_iter().filter_map(|place| Some((place, statvfs(present(place)).ok()?)));
    match disks.min_by_key(|(_, disk)| free_percent(disk)) {
        Some((place, disk)) => judged(place, &disk),
        None => Finding::warn(SPACE, "the system does not report the free space", "check it with `df`"),
    }
}

/// The nearest folder above that exists.
fn present(place: &Path) -> &Path {
    let named = place.ancestors().find(|path| !path.as_os_str().is_empty() && path.exists());
    named.unwrap_or(Path::new("."))
}

/// The free share of the space that users other than root can use.
fn free_percent(disk: &StatVfs) -> u64 {
    (disk.f_bavail.saturating_mul(100)).checked_div(disk.f_blocks).unwrap_or(100)
}

fn judged(place: &Path, disk: &StatVfs) -> Finding {
    let free = disk.f_bavail.saturating_mul(disk.f_frsize) >> 20;
    let found = format!("{free} MiB ({} %) are free at {}", free_percent(disk), place.display());
    if disk.f_bavail == 0 && disk.f_blocks > 0 {
        Finding::fail(SPACE, found, "free some space: nothing can be written")
    } else if free_percent(disk) < LEAST_FREE_PERCENT {
        Finding::warn(SPACE, found, "free some space before the disk is full")
    } else {
        Finding::ok(SPACE, found)
    }
}

/// Checks the key of the settings: loading it signs and verifies once.
pub(super) fn signing_key(settings: &Settings) -> Finding {
    match wiring::given_key(settings) {
        Ok(Some(_)) => Finding::ok(KEY, "the key from the settings signs, and verifies its own signature"),
        Ok(None) => Finding::ok(KEY, "the keys are in the database; `doorward keys list` lists them"),
        Err(failure) => Finding::of(KEY, &failure),
    }
}

/// Checks the key that opens the private keys in the database.
pub(super) fn sealing_key(settings: &Settings) -> Finding {
    match wiring::sealing_key_files(settings) {
        Ok(files)
            if files.is_empty() && settings.secrets.sealing_key.is_none() && settings.secrets.vault_url.is_none() =>
        {
            return Finding::ok(SEALING_KEY, "there is none yet; the first start creates it");
        }
        Ok(_) => {}
        Err(failure) => return Finding::of(SEALING_KEY, &failure),
    }
    match wiring::sealer(settings) {
        Ok(_) => Finding::ok(SEALING_KEY, "it can be read"),
        Err(failure) => Finding::of(SEALING_KEY, &failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_folder_that_is_there_stands_for_one_that_is_not() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(present(&folder.path().join("a/b/c.db")), folder.path());
        assert_eq!(present(Path::new("not-there/doorward.db")), Path::new("."));
    }
}
