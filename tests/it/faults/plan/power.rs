//! Power cuts: the store lies on a disk of its own, a file with ext4 in it, which is shut down in the middle of the writers' work.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    faults::{
        is_night,
        kill::pause,
        package::{install, wayward},
        work::Work,
    },
    flow::complaint::FRIDAY,
    support::{Server, Setup},
};

/// `EXT4_IOC_SHUTDOWN` without flushing the journal: what was not synced is gone.
const SHUT_DOWN: &str =
    r#"open(my $f, "<", $ARGV[0]) or die $!; my $how = pack("L", 2); ioctl($f, 0x8004587d, $how) or die $!;"#;

struct Disk {
    _folder: tempfile::TempDir,
    image: PathBuf,
    mount: PathBuf,
}

impl Disk {
    fn new() -> Disk {
        let folder = tempfile::tempdir().expect("a folder");
        let (image, mount) = (folder.path().join("disk"), folder.path().join("mounted"));
        std::fs::create_dir(&mount).expect("a folder");
        run("truncate", &["-s", "512M", &text(&image)]);
        run("mkfs.ext4", &["-q", "-F", &text(&image)]);
        let disk = Disk { _folder: folder, image, mount };
        disk.mount();
        disk
    }

    fn mount(&self) {
        run("mount", &["-o", "loop", &text(&self.image), &text(&self.mount)]);
    }

    fn cut_power(&self) {
        run("perl", &["-e", SHUT_DOWN, &text(&self.mount)]);
    }

    fn unmount(&self) {
        run("umount", &[&text(&self.mount)]);
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Not mounted any more is as good.
        let _ = Command::new("umount").arg(&self.mount).status();
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Some power cuts; answers how many acknowledged writes were lost.
fn cut(n_cuts: u32, variables: Vec<(&'static str, &'static str)>) -> usize {
    let disk = Disk::new();
    let data = Some(disk.mount.join("data"));
    let mut server =
        Server::with(Setup { clock: Some(FRIDAY), customers: Some(4), variables, data, ..Setup::default() });
    install(&server.admin(), wayward(), "wayward");
    let mut work = Work::new();
    let mut n_lost = 0;
    for _ in 0..n_cuts {
        let writers = work.begin(&server.staff("wang"));
        pause(Duration::from_millis(400 + work.chance(1_500)));
        disk.cut_power();
        server.kill9();
        writers.stop();
        disk.unmount();
        disk.mount();
        server.launch();
        n_lost = work.n_lost(&server.staff("wang"));
        if n_lost > 0 {
            break;
        }
    }
    if n_lost == 0 {
        work.judge(&mut server);
    } else {
        server.kill9();
    }
    eprintln!("{n_cuts} power cuts at most, {} writes acknowledged, {n_lost} lost", work.n_acknowledged());
    n_lost
}

#[test]
fn a_power_cut_loses_nothing_that_was_acknowledged() {
    if is_night() {
        assert_eq!(cut(20, Vec::new()), 0);
    }
}

#[test]
fn without_waiting_for_the_disk_a_power_cut_does_lose_writes_or_this_harness_is_broken() {
    if is_night() {
        assert!(cut(40, vec![("MARQUE__STORE__POWER_SAFE", "false")]) > 0, "nothing was lost: the cuts cut nothing");
    }
}
