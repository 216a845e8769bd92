//! What can be typed.

pub const HELP: &str = "\
next [N]         N moves (1), by the seed            n
worker K         let worker K move                   w
back [N]         take N moves (1) back               b
until task N     .. until task N is polled           u
until tick N     .. until a worker comes to tick N
until TEXT       .. until a line with TEXT is printed, as in `until steals`
break N          stop at every poll of task N; once more: no longer
run              .. until a break, or nothing can happen
shutdown         end the runtime
tasks            all tasks that are alive            t
draw             the picture again                   d
quit                                                 q
An empty line repeats the last command.
";

#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Next(usize),
    Worker(usize),
    Back(usize),
    Until(Goal),
    Break(usize),
    Run,
    Shutdown,
    Tasks,
    Draw,
    Help,
    Quit,
}

/// What `until` waits for.
#[derive(Debug, PartialEq, Eq)]
pub enum Goal {
    Task(usize),
    Tick(u32),
    Text(String),
}

impl Command {
    pub fn parse(line: &str) -> Result<Self, String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        Ok(match word {
            "next" | "n" => Self::Next(count(rest)?),
            "worker" | "w" => Self::Worker(number(rest)?),
            "back" | "b" => Self::Back(count(rest)?),
            "until" | "u" if !rest.is_empty() => Self::Until(goal(rest)?),
            "break" => Self::Break(number(rest)?),
            "run" | "r" => Self::Run,
            "shutdown" => Self::Shutdown,
            "tasks" | "t" => Self::Tasks,
            "draw" | "d" => Self::Draw,
            "help" | "h" | "?" => Self::Help,
            "quit" | "q" => Self::Quit,
            _ => return Err(format!("What is {line:?}? `help` lists the commands.")),
        })
    }
}

/// A number; a task may be written as the transcript does, `t3`, and a worker `w1`.
fn number<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.trim_start_matches(['t', 'w']).parse().map_err(|_| format!("{text:?} is no number"))
}

fn count(text: &str) -> Result<usize, String> {
    if text.is_empty() { Ok(1) } else { number(text) }
}

fn goal(text: &str) -> Result<Goal, String> {
    Ok(match text.split_once(' ') {
        Some(("task", task)) => Goal::Task(number(task)?),
        Some(("tick", tick)) => Goal::Tick(number(tick)?),
        _ => Goal::Text(text.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    //! Abbreviations, and what is refused.

    use super::*;

    #[test]
    fn a_number_is_one_unless_given() {
        assert_eq!(Command::parse("n"), Ok(Command::Next(1)));
        assert_eq!(Command::parse("back 3"), Ok(Command::Back(3)));
        assert!(Command::parse("next few").is_err());
    }

    #[test]
    fn a_task_may_be_written_as_in_the_transcript() {
        assert_eq!(Command::parse("break t12"), Command::parse("break 12"));
        assert_eq!(Command::parse("until task t3"), Ok(Command::Until(Goal::Task(3))));
        assert_eq!(Command::parse("until falls asleep"), Ok(Command::Until(Goal::Text("falls asleep".to_owned()))));
    }
}
