package io.revfs.command.experiment.run;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.ExperimentHash;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.TaskProcesses;
import io.revfs.experiment.queue.TaskQueue;
import io.revfs.project.FileTrees;
import io.revfs.project.ProjectLock;
import io.revfs.reach.Passages;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * {@code exp exec-run}: runs one task of the queue. If its caller dies, what it started is ended,
 * and the task is queued again; its result is named only after its commit is noted in the task, so
 * that no task has two.
 */
public final class ExecRunCommand implements Command {
  /** A task whose runners die so often is at fault itself. */
  private static final int MOST_ATTEMPTS = 20;

  private final Tools tools;

  public ExecRunCommand(Tools tools) {
    this.tools = tools;
  }

  @Override
  public String name() {
    return "exp exec-run";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (ExperimentSession session = ExperimentSession.open(call)) {
      TaskQueue queue = session.tasks();
      String id = call.required("task");
      try (TaskQueue.Claim claim = queue.claim(id).orElse(null)) {
        Optional<Task> task = claim == null ? Optional.empty() : queue.take(id);
        if (claim == null || task.isEmpty()) {
          call.out("The task is another's, or gone.");
          return;
        }
        run(session, queue, claim, task.get());
      }
    }
  }

  private void run(ExperimentSession session, TaskQueue queue, TaskQueue.Claim claim, Task task)
      throws IOException {
    switch (task.state()) {
      case SUCCESS, FAILED -> session.call().out("The task is done.");
      case FINISHING -> Uninterrupted.run(() -> finish(session, queue, task));
      case QUEUED, RUNNING -> {
        leave(task); // what a run before left behind
        begin(session, queue, claim, task);
      }
    }
  }

  /** Ends what a run left, and removes its directory. */
  private static void leave(Task task) throws IOException {
    TaskProcesses.end(ViewRun.mark(task));
    Optional<Path> directory = task.place();
    if (directory.isPresent()) {
      FileTrees.remove(directory.get());
    }
  }

  private void begin(ExperimentSession session, TaskQueue queue, TaskQueue.Claim claim, Task task)
      throws IOException {
    Invocation call = session.call();
    long pid = call.number("caller-pid").orElse(0);
    Task running = task.running(Passages.shown(queue.place(task)).toString(), pid);
    queue.begin(running);
    Task finishing;
    try {
      Task wanted = call.value(ViewRun.EXECUTOR).map(task::by).orElse(task);
      finishing = running.finishing(new ViewRun(session, tools).run(wanted, call, false));
    } catch (IOException | RuntimeException e) {
      // An interrupt may come out as a channel that closed, or as a command that was not run.
      if (e instanceof InterruptedIOException || Thread.currentThread().isInterrupted()) {
        Uninterrupted.run(() -> abandon(session, queue, claim, running));
        throw e;
      }
      String why = claim.isKilled() ? "it was killed" : String.valueOf(e.getMessage());
      Uninterrupted.run(
          () -> {
            TaskProcesses.end(ViewRun.mark(task));
            fail(session, queue, running, why);
          });
      throw e;
    }
    Uninterrupted.run(
        () -> {
          queue.write(finishing);
          finish(session, queue, finishing);
        });
    session.call().out("\nRan experiment(s): " + task.name());
    Results.share(tools, session.call(), session.project(), task.experiment());
  }

  /** Lets a task wait again whose runner died, unless that was meant, or happens too often. */
  private static void abandon(
      ExperimentSession session, TaskQueue queue, TaskQueue.Claim claim, Task running)
      throws IOException {
    leave(running);
    if (claim.isKilled()) {
      fail(session, queue, running, "it was killed");
    } else if (running.attempts() >= MOST_ATTEMPTS) {
      fail(session, queue, running, "what ran it died each time");
    } else {
      queue.putBack(running);
    }
  }

  private static void fail(ExperimentSession session, TaskQueue queue, Task task, String why)
      throws IOException {
    try (var lock = ProjectLock.take(session.project(), true)) {
      queue.fail(task, why.lines().findFirst().orElse(""));
    }
  }

  private static void finish(ExperimentSession session, TaskQueue queue, Task task)
      throws IOException {
    String commit = task.commit();
    if (commit == null) {
      throw new IOException("the task " + task.id() + " says of no result what it is");
    }
    try {
      var unused = Results.keep(session, task.experiment(), commit, task.force());
    } catch (CommandFailure e) {
      fail(session, queue, task, String.valueOf(e.getMessage()));
      throw e;
    }
    try (var lock = ProjectLock.take(session.project(), true)) {
      queue.succeed(
          task, ExperimentHash.in(session.caller().run("log", "-1", "--format=%B", commit)));
    }
  }
}
