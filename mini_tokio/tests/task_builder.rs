//! Names of tasks, and where they are found.

use mini_tokio::insight;
use mini_tokio::runtime::{Builder as RuntimeBuilder, LocalRuntime};
use mini_tokio::task::{Builder, LocalSet};

#[test]
fn the_registry_knows_a_tasks_name_and_where_it_was_spawned() {
    let runtime = RuntimeBuilder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let line = line!() + 1;
        let named = Builder::new().name("a name").spawn(std::future::pending::<()>()).unwrap();
        let plain = mini_tokio::spawn(std::future::pending::<()>());
        let tasks = insight::tasks(runtime.handle());
        assert_eq!([tasks[0].id, tasks[1].id], [named.id(), plain.id()]);
        assert_eq!([tasks[0].name.as_deref(), tasks[1].name.as_deref()], [Some("a name"), None]);
        assert_eq!((tasks[0].spawned_at.file(), tasks[0].spawned_at.line()), (file!(), line));
    });
}

#[test]
fn a_builder_spawns_wherever_the_free_functions_do() {
    let runtime = RuntimeBuilder::new_current_thread().build().unwrap();
    let set = LocalSet::new();
    let sum = set.block_on(&runtime, async {
        let task = Builder::new().name("x");
        task.spawn(async { 1 }).unwrap().await.unwrap()
            + task.spawn_on(async { 2 }, runtime.handle()).unwrap().await.unwrap()
            + task.spawn_local(async { 4 }).unwrap().await.unwrap()
            + task.spawn_blocking(|| 8).unwrap().await.unwrap()
            + task.spawn_blocking_on(|| 16, runtime.handle()).unwrap().await.unwrap()
    });
    assert_eq!(sum, 31);
    let joined = Builder::new().spawn_local_on(async { 32 }, &set).unwrap();
    assert_eq!(set.block_on(&runtime, joined).unwrap(), 32);
    let local = LocalRuntime::new().unwrap();
    local.block_on(async { assert_eq!(Builder::new().spawn_local(async { 64 }).unwrap().await.unwrap(), 64) });
}
