//! Starting the program, reading what it says, and interrupting it.

use std::io::{BufRead, BufReader, Lines, Read};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

/// The program with these arguments.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yinzheng"));
    command.args(arguments);
    command
}

/// Runs it to its end.
pub fn run(arguments: &[&str]) -> Output {
    program(arguments).output().expect("the program runs")
}

/// Runs it to its end, which must be a refusal; returns what it says.
pub fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{arguments:?} was not refused: {said}");
    assert!(output.status.code().is_some(), "{arguments:?} was killed: {said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

/// The program while it runs; killed if a test ends without stopping it.
pub struct Running {
    child: Child,
    lines: Lines<BufReader<Box<dyn Read>>>,
}

impl Running {
    /// Starts it.
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = program(arguments).stdout(Stdio::piped()).spawn().expect("the program starts");
        let pipe: Box<dyn Read> = Box::new(child.stdout.take().expect("a pipe"));
        Self { child, lines: BufReader::new(pipe).lines() }
    }

    /// Starts it, to read what it logs.
    pub fn start_reading_errors(arguments: &[&str]) -> Self {
        let mut child = program(arguments).stderr(Stdio::piped()).spawn().expect("the program starts");
        let pipe: Box<dyn Read> = Box::new(child.stderr.take().expect("a pipe"));
        Self { child, lines: BufReader::new(pipe).lines() }
    }

    /// Its process number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Reads what it says up to the first line that contains `mark`.
    pub fn until(&mut self, mark: &str) -> Vec<String> {
        let mut said = Vec::new();
        for line in self.lines.by_ref() {
            said.push(line.expect("text"));
            if said.last().is_some_and(|line| line.contains(mark)) {
                return said;
            }
        }
        panic!("it ended without saying {mark}: {said:#?}");
    }

    /// Ctrl-C, and how it ends.
    pub fn interrupt(mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status().expect("kill runs");
        assert!(sent.success());
        self.child.wait().expect("it ends")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
