use super::*;

fn fresh() -> (DirectoryFiles, tempfile::TempDir) {
    let directory = tempfile::tempdir().expect("a directory");
    (DirectoryFiles::open(directory.path().join("files")).expect("a store"), directory)
}

fn place(files: &DirectoryFiles, hash: &ContentHash) -> PathBuf {
    files.shelf.folder(hash).join(hash.to_string())
}

#[tokio::test]
async fn a_file_reads_back_and_one_changed_byte_is_noticed_and_mended() {
    let (files, _directory) = fresh();
    let bytes = b"%PDF a license".to_vec();
    let hash = files.put(bytes.clone()).await.expect("stored");
    assert_eq!(files.get(&hash).await.expect("read"), Some(bytes.clone()));
    let mut spoiled = bytes.clone();
    spoiled[3] ^= 1;
    fs::write(place(&files, &hash), spoiled).expect("spoiled");
    assert!(files.get(&hash).await.expect_err("noticed").0.contains("changed"));
    assert_eq!(files.put(bytes.clone()).await.expect("stored again"), hash);
    assert_eq!(files.get(&hash).await.expect("read"), Some(bytes));
}

#[tokio::test]
async fn what_was_never_stored_is_not_there() {
    let (files, _directory) = fresh();
    assert_eq!(files.get(&ContentHash([7; 32])).await.expect("looked"), None);
}

#[tokio::test]
async fn many_at_once_store_the_same_file_once() {
    let (files, _directory) = fresh();
    let puts = (0..16).map(|_| files.put(vec![9; 100_000]));
    let hashes: Vec<_> =
        futures::future::join_all(puts).await.into_iter().map(|p| p.expect("stored")).collect();
    assert!(hashes.iter().all(|hash| *hash == hashes[0]));
    let folder = fs::read_dir(files.shelf.folder(&hashes[0])).expect("its folder");
    assert_eq!(folder.count(), 1);
    assert_eq!(fs::read_dir(files.shelf.root.join("tmp")).expect("tmp").count(), 0);
}

#[tokio::test]
async fn what_a_crash_left_is_cleared_away_unless_someone_works_there() {
    let (files, directory) = fresh();
    let left = files.shelf.root.join("tmp").join("1-0");
    fs::write(&left, b"half").expect("left");
    let second = DirectoryFiles::open(directory.path().join("files")).expect("opened beside the first");
    assert!(left.exists(), "the first may be writing it");
    drop((files, second));
    let _third = DirectoryFiles::open(directory.path().join("files")).expect("opened alone");
    assert!(!left.exists());
}

#[tokio::test]
async fn too_large_a_file_is_refused() {
    let (files, _directory) = fresh();
    let size = usize::try_from(LARGEST).expect("64-bit") + 1;
    assert!(files.put(vec![0; size]).await.expect_err("refused").0.contains("too large"));
    let hash = files.put(vec![1]).await.expect("stored");
    let file = OpenOptions::new().write(true).open(place(&files, &hash)).expect("the file");
    file.set_len(LARGEST + 1).expect("grown");
    assert!(files.get(&hash).await.is_err());
}
