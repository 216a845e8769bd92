//! What the three clients share: many tasks that ask until the time is over, and one line about them.
//!
//! The first wrong answer ends the client with an error. A load that may contain errors shows nothing.

use std::env;
use std::error::Error;
use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

pub type Failure = Box<dyn Error + Send + Sync>;

/// `ADDRESS SECONDS TASKS`, the arguments of each client.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub address: SocketAddr,
    seconds: u64,
    tasks: u64,
}

impl Load {
    /// # Errors
    /// If one of the arguments is missing, or is not what it should be.
    pub fn from_arguments() -> Result<Self, Failure> {
        let mut arguments = env::args().skip(1);
        let mut next = || arguments.next().ok_or("arguments: ADDRESS SECONDS TASKS");
        Ok(Self { address: next()?.parse()?, seconds: next()?.parse()?, tasks: next()?.parse()? })
    }

    /// Runs a client in each task, as often as there is time, and prints how often that was.
    ///
    /// `client` connects; what it returns is asked again and again, and says how many answers were looked at.
    ///
    /// # Errors
    /// The first that a client returns.
    pub async fn run<C, Connected, A>(self, client: impl Fn(u64) -> Connected) -> Result<(), Failure>
    where
        C: FnMut(u64) -> A + Send + 'static,
        Connected: Future<Output = Result<C, Failure>> + Send + 'static,
        A: Future<Output = Result<u64, Failure>> + Send,
    {
        let began = Instant::now();
        let end = began + Duration::from_secs(self.seconds);
        let mut tasks = JoinSet::new();
        for task in 0..self.tasks {
            let connected = client(task);
            tasks.spawn(async move {
                let mut ask = connected.await?;
                let (mut round, mut answers) = (0, 0);
                while Instant::now() < end {
                    answers += ask(round).await?;
                    round += 1;
                }
                Ok::<u64, Failure>(answers)
            });
        }
        let mut answers = 0;
        while let Some(ended) = tasks.join_next().await {
            answers += ended??;
        }
        if answers == 0 {
            return Err("no answer was looked at".into());
        }
        let seconds = began.elapsed().as_secs_f64();
        let rate = answers as f64 / seconds;
        println!("{} tasks, {seconds:.1} s: {answers} right answers, {rate:.0} a second", self.tasks);
        Ok(())
    }
}
