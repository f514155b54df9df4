//! The built `marque`, started on a free port with a folder of its own, ended with its value.

use std::{
    env,
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::json;
use tempfile::TempDir;

use super::{Client, SOON, eventually, template};

/// The administrator's password in every test.
pub const PASSWORD: &str = "correct horse battery staple";
/// The password of everyone `marque demo` makes up.
pub const STAFF_PASSWORD: &str = "marque-demo";
/// A debug build compiles the guests it carries on its first start, at the lowest priority and beside other tests.
const FIRST_START: Duration = Duration::from_secs(300);

/// A dealer with fewer customers begins quiet: what plugins tell of themselves would stand between what a test does and what comes of it.
const TOLD_FROM: u32 = 150;

/// How a server is started.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// The time it begins at; without one it keeps the machine's.
    pub clock: Option<&'static str>,
    /// How many customers of one dealer, `d1`, to make up beforehand, with the dealer's people; see `marque demo`.
    pub customers: Option<u32>,
    /// Further arguments of `serve`.
    pub arguments: Vec<&'static str>,
    /// Further variables, as `("MARQUE__LIMITS__X", "1")`.
    pub variables: Vec<(&'static str, &'static str)>,
    /// Where its data lies, if not in a folder of its own.
    pub data: Option<PathBuf>,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    setup: Setup,
    folder: TempDir,
    running: Option<Running>,
    n_starts: u32,
}

#[derive(Debug)]
struct Running {
    child: Child,
    address: String,
}

impl Server {
    /// With the plugins it ships with, keeping the machine's time.
    pub fn start() -> Server {
        Server::with(Setup::default())
    }

    /// At a time of the test's choosing; it moves by [`Server::set_clock`] alone.
    pub fn at(clock: &'static str) -> Server {
        Server::with(Setup { clock: Some(clock), ..Setup::default() })
    }

    /// As the setup says.
    pub fn with(setup: Setup) -> Server {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut server = Server { setup, folder, running: None, n_starts: 0 };
        server.fill();
        server.launch();
        server
    }

    /// One dealer with its people at a time of the test's choosing; everyone's password is [`STAFF_PASSWORD`].
    pub fn dealer_at(clock: &'static str) -> Server {
        Server::with(Setup { clock: Some(clock), customers: Some(4), ..Setup::default() })
    }

    fn fill(&self) {
        let Some(customers) = self.setup.customers else { return };
        // A hundred and fifty tests begin with the same dealer at the same time: it is made up once.
        let is_plain = self.setup.arguments.is_empty() && self.setup.variables.is_empty();
        match self.setup.clock {
            Some(clock) if is_plain => template::copy(&self.data(), &format!("{customers} {clock}"), |folder| {
                self.make_up(folder, customers);
            }),
            _ => self.make_up(&self.data(), customers),
        }
    }

    fn make_up(&self, folder: &Path, customers: u32) {
        let mut command = self.command_on(folder, &[], "demo");
        command.args(["--dealers", "1", "--seed", "7", "--customers", &customers.to_string()]);
        if customers < TOLD_FROM {
            command.arg("--without-tales");
        }
        if let Some(clock) = self.setup.clock {
            command.args(["--until", clock]);
        }
        let output = command.output().expect("the server's binary runs");
        assert!(output.status.success(), "marque demo failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Runs one of the binary's commands on the data of a stopped server; answers its output.
    #[track_caller]
    pub fn run(&self, name: &str, arguments: &[&str]) -> String {
        assert!(self.running.is_none(), "the server holds its data: stop it first");
        let output = self.command(name).args(arguments).output().expect("the server's binary runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "marque {name} {arguments:?} failed:\n{told}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The binary with one of its commands on this server's data.
    fn command(&self, name: &str) -> Command {
        self.command_under(&[], name)
    }

    /// The same, started by another program, `strace …`.
    fn command_under(&self, wrapper: &[String], name: &str) -> Command {
        self.command_on(&self.data(), wrapper, name)
    }

    fn command_on(&self, folder: &Path, wrapper: &[String], name: &str) -> Command {
        let mut command = match wrapper {
            [] => Command::new(binary()),
            [program, arguments @ ..] => {
                let mut command = Command::new(program);
                command.args(arguments).arg(binary());
                command
            }
        };
        command.arg(name).arg("--data").arg(folder).args(&self.setup.arguments);
        // Compiling the plugins takes seconds; once for all servers of a test run is enough.
        command.env("MARQUE__DATA__COMPILED", binary().with_file_name("compiled-for-tests"));
        command.env("MARQUE_ADMIN_PASSWORD", PASSWORD).env("NO_COLOR", "1");
        // People of tests go on with the passwords they were given, but where that is what is tried.
        command.env("MARQUE__SESSIONS__INITIAL_HOURS", "0").envs(self.setup.variables.iter().copied());
        command
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.running.as_ref().expect("the server runs").address
    }

    /// The folder that holds its data.
    pub fn data(&self) -> PathBuf {
        self.setup.data.clone().unwrap_or_else(|| self.folder.path().join("data"))
    }

    /// A client nobody has signed in on.
    pub fn client(&self) -> Client {
        Client::new(self.address())
    }

    /// A client signed in as one of a dealer's people, `wang`.
    pub fn staff(&self, name: &str) -> Client {
        self.client().login(&format!("d1.{name}"), STAFF_PASSWORD)
    }

    /// The same; none when the server dies before it has answered.
    pub fn try_staff(&self, name: &str) -> Option<Client> {
        let credentials = json!({ "login": format!("d1.{name}"), "password": STAFF_PASSWORD });
        let answer = self.client().try_json("POST", "/session", &[], &credentials)?;
        let token = answer.body["token"].as_str()?;
        Some(self.client().with_token(token))
    }

    /// A client signed in as the administrator.
    pub fn admin(&self) -> Client {
        self.client().login("admin", PASSWORD)
    }

    /// Moves the clock of a server started with one.
    pub fn set_clock(&self, now: &str) {
        self.admin().post("/test/clock", &json!({ "now": now })).ok(200);
    }

    /// Ends it as an operator does and starts it again on the same data, on another port.
    pub fn restart(&mut self) {
        self.stop();
        self.launch();
    }

    /// Asks it to end and waits until it has, with success.
    pub fn stop(&mut self) {
        let mut running = self.running.take().expect("the server runs");
        terminate(&running.child);
        let status = eventually("the server ends when asked", SOON, || running.child.try_wait().ok().flatten());
        assert!(status.success(), "the server ended with {status}:\n{}", self.log());
    }

    /// Kills it in the middle of whatever it does; [`Server::launch`] starts it again.
    pub fn kill9(&mut self) {
        let mut running = self.running.take().expect("the server runs");
        running.child.kill().expect("a child can be killed");
        running.child.wait().expect("a killed child ends");
    }

    /// Starts it on the data it had.
    pub fn launch(&mut self) {
        assert!(self.launch_under(&[]), "the server did not say where it listens:\n{}", self.log());
        let client = self.client();
        eventually("the server is ready", FIRST_START, || (client.get("/readyz").status == 200).then_some(()));
    }

    /// Starts it under a program that does it harm; `false` when it has died before it listened.
    pub fn launch_under(&mut self, wrapper: &[String]) -> bool {
        assert!(self.running.is_none(), "the server runs already");
        self.n_starts += 1;
        let log = File::create(self.log_file()).expect("the log file can be made");
        let mut command = self.command_under(wrapper, "serve");
        command.args(["--listen", "127.0.0.1:0"]);
        if let Some(clock) = self.setup.clock {
            command.env("MARQUE__TEST__CLOCK", clock);
        }
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().expect("the server starts");
        let output = child.stdout.take().expect("its output is piped");
        let Some(address) = listening_on(output) else {
            // It may have ended by itself.
            let _ = child.kill().and_then(|()| child.wait());
            return false;
        };
        self.running = Some(Running { child, address });
        true
    }

    /// Stops it in the middle of whatever it does, for a while.
    pub fn pause(&self, length: Duration) {
        let running = self.running.as_ref().expect("the server runs");
        signal(&running.child, "STOP");
        wait_for(length);
        signal(&running.child, "CONT");
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.running.as_mut().is_none_or(|running| running.child.try_wait().is_ok_and(|status| status.is_some()))
    }

    /// What the server of the last start has written to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join(format!("log-{}", self.n_starts))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            // It may have ended by itself; the test has said what it thinks of that.
            let _ = running.child.kill();
            let _ = running.child.wait();
        }
        if thread::panicking() {
            let log = self.log();
            let n_lines = log.lines().count();
            eprintln!("the server's last lines:");
            for line in log.lines().skip(n_lines.saturating_sub(40)) {
                eprintln!("  {line}");
            }
        }
    }
}

/// Reads until `listening on …`, and goes on reading on a thread, so that the server never waits for a reader.
fn listening_on(output: ChildStdout) -> Option<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(address) = line.strip_prefix("listening on ") {
                // The test has given up waiting when nobody receives.
                let _ = sender.send(address.trim().to_owned());
            }
        }
    });
    receiver.recv_timeout(FIRST_START).ok()
}

fn terminate(child: &Child) {
    signal(child, "TERM");
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", child.id())).status();
    assert!(status.is_ok_and(|status| status.success()), "the server could not be sent {name}");
}

#[expect(clippy::disallowed_methods, reason = "how long the server is stopped is what is tried")]
fn wait_for(length: Duration) {
    thread::sleep(length);
}

/// `target/<profile>/marque`, beside the folder of the running test.
pub fn binary() -> PathBuf {
    let test = env::current_exe().expect("a running program knows where it is");
    let profile = test.parent().and_then(Path::parent).expect("tests are built in target/<profile>/deps");
    let binary = profile.join(format!("marque{}", env::consts::EXE_SUFFIX));
    assert!(binary.is_file(), "{} is not there: build it with `cargo build --package marque`", binary.display());
    binary
}
