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
/// Where less of the disk is free, somebody should know.
const LEAST_FREE_PERCENT: u64 = 5;

/// The folder of key material, and the files of the service: nobody else may read them.
pub(super) fn modes(settings: &Settings) -> Finding {
    let folder = &settings.storage.data_dir;
    let shown = folder.display();
    match fs::metadata(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Finding::ok(FOLDER, format!("{shown} is not there yet; the first start makes it"))
        }
        Err(error) => Finding::fail(FOLDER, format!("{shown} can't be looked at: {error}"), "see storage.data_dir"),
        Ok(metadata) if !metadata.is_dir() => {
            Finding::fail(FOLDER, format!("{shown} is not a folder"), "name a folder by storage.data_dir")
        }
        Ok(_) if access(folder, Access::WRITE_OK | Access::EXEC_OK).is_err() => Finding::fail(
            FOLDER,
            format!("{shown} can't be written to"),
            "give it to the user that Doorward runs as, or choose another by storage.data_dir",
        ),
        Ok(metadata) => openness(settings, &metadata),
    }
}

/// Files open to everybody are a failure, open to a group a warning: some platforms share volumes by group.
fn openness(settings: &Settings, folder: &Metadata) -> Finding {
    let open_to = |bits: u32| files(settings).into_iter().find(|file| mode(file).is_some_and(|mode| mode & bits != 0));
    let shown = settings.storage.data_dir.display();
    if let Some(file) = open_to(0o007) {
        let file = file.display();
        return Finding::fail(FOLDER, format!("{file} is open to everybody here"), format!("run `chmod 600 {file}`"));
    }
    if let Some(file) = open_to(0o070) {
        let file = file.display();
        return Finding::warn(FOLDER, format!("{file} is open to its group"), format!("run `chmod 600 {file}`"));
    }
    if folder.permissions().mode() & 0o077 != 0 {
        return Finding::warn(FOLDER, format!("{shown} is open to others"), format!("run `chmod 700 {shown}`"));
    }
    Finding::ok(FOLDER, format!("{shown} and its files are for their owner alone"))
}

fn mode(file: &PathBuf) -> Option<u32> {
    fs::metadata(file).ok().filter(Metadata::is_file).map(|metadata| metadata.permissions().mode())
}

/// Those in the data folder, and those of SQLite wherever they are.
fn files(settings: &Settings) -> Vec<PathBuf> {
    let entries = fs::read_dir(&settings.storage.data_dir).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    if let DatabaseUrl::Sqlite(path) = &settings.database.url {
        files.extend(["", "-wal", "-shm"].map(|end| PathBuf::from(format!("{}{end}", path.display()))));
    }
    files
}

/// The disks that hold the data folder and SQLite's file.
pub(super) fn space(settings: &Settings) -> Finding {
    let mut places = vec![settings.storage.data_dir.as_path()];
    if let DatabaseUrl::Sqlite(path) = &settings.database.url {
        places.push(path);
    }
    let disks = places.into_iter().filter_map(|place| Some((place, statvfs(present(place)).ok()?)));
    match disks.min_by_key(|(_, disk)| free_percent(disk)) {
        Some((place, disk)) => judged(place, &disk),
        None => Finding::warn(SPACE, "the system does not tell how much is free", "look with `df`"),
    }
}

/// The nearest folder above that is there.
fn present(place: &Path) -> &Path {
    let named = place.ancestors().find(|path| !path.as_os_str().is_empty() && path.exists());
    named.unwrap_or(Path::new("."))
}

/// Of what may be used without being root.
fn free_percent(disk: &StatVfs) -> u64 {
    (disk.f_bavail.saturating_mul(100)).checked_div(disk.f_blocks).unwrap_or(100)
}

fn judged(place: &Path, disk: &StatVfs) -> Finding {
    let free = disk.f_bavail.saturating_mul(disk.f_frsize) >> 20;
    let found = format!("{free} MiB ({} %) are free at {}", free_percent(disk), place.display());
    if disk.f_bavail == 0 && disk.f_blocks > 0 {
        Finding::fail(SPACE, found, "free some: nothing can be stored any more")
    } else if free_percent(disk) < LEAST_FREE_PERCENT {
        Finding::warn(SPACE, found, "free some before the disk is full")
    } else {
        Finding::ok(SPACE, found)
    }
}

/// Loading the key signs and verifies once with it.
pub(super) fn signing_key(settings: &Settings) -> Finding {
    match wiring::given_key(settings) {
        Ok(Some(_)) => Finding::ok(KEY, "the one given by the settings signs, and verifies what it signed"),
        Ok(None) => Finding::ok(KEY, "kept in the database; `doorward keys list` shows which there are"),
        Err(failure) => Finding::of(KEY, &failure),
    }
}

/// What opens the keys in the database.
pub(super) fn sealing_key(settings: &Settings) -> Finding {
    if settings.secrets.sealing_key.is_none() && !wiring::sealing_key_file(settings).exists() {
        return Finding::ok(SEALING_KEY, "there is none yet; the first start makes it");
    }
    match wiring::sealing_key(settings) {
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
