//! Every file that the fuzzers begin with, and every one that once broke something, through the same doors without a
//! fuzzer; and twins of them, each with a byte changed or cut short, by a fixed sequence. Finding new ones is the work of
//! `fuzz/run.sh`.

#[path = "../fuzz/src/lib.rs"]
mod doors;

use doors::TARGETS;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of a door.
fn files(folder: &str, door: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder).join(door);
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

#[test]
fn every_seed_and_every_regression_goes_through_its_door() {
    for (name, door) in TARGETS {
        let seeds = files("corpus", name);
        assert!(seeds.len() > 1, "{name} has no seeds");
        for file in seeds.into_iter().chain(files("regressions", name)) {
            eprintln!("{name}: {}", file.display());
            door(&fs::read(file).expect("a readable file"));
        }
    }
}

#[test]
fn every_door_takes_what_is_none_of_its_business() {
    for (_, door) in TARGETS {
        door(b"");
        for (name, _) in TARGETS {
            for file in files("corpus", name) {
                let bytes = fs::read(file).expect("a readable file");
                door(&bytes[..bytes.len().min(4_096)]);
            }
        }
    }
}

#[test]
fn twins_of_the_seeds_go_through_their_doors() {
    // A fixed sequence, so that a failure can be repeated.
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).expect("small")
    };
    for (name, door) in TARGETS {
        for file in files("corpus", name) {
            let bytes = fs::read(file).expect("a readable file");
            for _ in 0..12 {
                let mut twin = bytes.clone();
                let place = next(twin.len());
                twin[place] ^= 1 << next(8);
                door(&twin);
                twin.truncate(place);
                door(&twin);
            }
        }
    }
}

/// The tree stays small: what a fuzzer finds is kept only where it broke something.
#[test]
fn seeds_are_few_and_small() {
    let size = |folder: &str| -> u64 {
        let files = TARGETS.iter().flat_map(|(name, _)| files(folder, name));
        files.map(|file| fs::metadata(file).expect("a file").len()).sum()
    };
    let (seeds, regressions) = (size("corpus"), size("regressions"));
    assert!(seeds < 200 << 10, "{seeds} bytes of seeds");
    assert!(regressions < 200 << 10, "{regressions} bytes of regressions");
}
