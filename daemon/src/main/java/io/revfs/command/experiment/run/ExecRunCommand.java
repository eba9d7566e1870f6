package io.revfs.command.experiment.run;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.ExperimentSession;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.TaskProcesses;
import io.revfs.experiment.queue.TaskQueue;
import io.revfs.experiment.queue.Views;
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
        Optional<Task> task = claim == null ? Optional.empty() : queue.stored(id);
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
      case FINISHING -> finish(session, queue, task);
      case QUEUED, RUNNING -> {
        leave(task); // what a run before left behind
        begin(session, queue, claim, task);
      }
    }
  }

  /** Ends what a run left, and removes its directory. */
  private static void leave(Task task) throws IOException {
    TaskProcesses.end(ViewRun.mark(task));
    String directory = task.directory();
    if (directory != null) {
      Views.delete(Path.of(directory));
    }
  }

  private void begin(ExperimentSession session, TaskQueue queue, TaskQueue.Claim claim, Task task)
      throws IOException {
    Invocation call = session.call();
    long pid = call.number("caller-pid").orElse(0);
    Task running = task.running(queue.place(task).toString(), pid);
    queue.write(running);
    Task finishing;
    try {
      finishing = running.finishing(new ViewRun(session, tools).run(task, call, false));
    } catch (InterruptedIOException e) {
      boolean unused = Thread.interrupted(); // what follows is short, and must be done
      leave(running);
      if (claim.isKilled() || running.attempts() >= MOST_ATTEMPTS) {
        fail(queue, running, claim.isKilled() ? "it was killed" : "what ran it died each time");
      } else {
        queue.write(running.queued());
      }
      throw e;
    } catch (IOException | RuntimeException e) {
      TaskProcesses.end(ViewRun.mark(task));
      fail(queue, running, claim.isKilled() ? "it was killed" : String.valueOf(e.getMessage()));
      throw e;
    }
    queue.write(finishing);
    finish(session, queue, finishing);
  }

  private static void fail(TaskQueue queue, Task task, String why) throws IOException {
    queue.write(task.failed(why.lines().findFirst().orElse("")));
    queue.stashFailed(task);
  }

  private void finish(ExperimentSession session, TaskQueue queue, Task task) throws IOException {
    boolean interrupted = Thread.interrupted(); // the result is there, and is to be kept
    try {
      String commit = task.commit();
      if (commit == null) {
        throw new IOException("the task " + task.id() + " says of no result what it is");
      }
      var unused = Results.keep(session, task.experiment(), commit, task.force());
      queue.unstash(task); // who reads that it is done finds nothing of it in the queue
      queue.write(task.succeeded());
    } catch (CommandFailure e) {
      fail(queue, task, String.valueOf(e.getMessage()));
      throw e;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    session.call().out("\nRan experiment(s): " + task.name());
    Results.share(tools, session.call(), session.project(), task.experiment());
  }
}
