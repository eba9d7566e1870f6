package io.revfs.command.experiment.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.TaskQueue;
import io.revfs.experiment.queue.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code exp queue-worker}: tells a process of somebody's which tasks to run, one after another,
 * until none waits. Each task is a process of its own, so what it prints has a file of its own.
 */
public final class QueueWorkerCommand implements Command {
  /** What the caller is asked to do: to run itself with other words, and to say how that ended. */
  static final String EXEC = "exec";

  /** A task that cannot even be begun by so many processes in a row stops its worker. */
  private static final int MOST_FAILURES = 3;

  private final Workers workers;

  public QueueWorkerCommand(Workers workers) {
    this.workers = workers;
  }

  @Override
  public String name() {
    return "exp queue-worker";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (ExperimentSession session = ExperimentSession.open(call)) {
      Path project = session.project().root();
      int number = (int) call.number("number").orElse(1);
      long pid = call.number("caller-pid").orElse(0);
      Optional<Workers.Worker> worker = workers.join(project, number, pid);
      if (worker.isEmpty()) {
        call.out("There is a worker of this number already.");
        return;
      }
      try {
        work(session, worker.get());
      } finally {
        workers.leave(project, number);
      }
    }
  }

  private void work(ExperimentSession session, Workers.Worker worker) throws IOException {
    Invocation call = session.call();
    Path project = session.project().root();
    TaskQueue queue = session.tasks();
    int failures = 0;
    while (true) {
      Optional<Task> task = workers.next(project, worker, queue.waiting());
      if (task.isEmpty()) {
        return;
      }
      Path log = queue.log(task.get().id());
      Files.createDirectories(log.resolveSibling(""));
      call.out("Running experiment '%s'.".formatted(task.get().name()));
      JsonNode exit = call.request(EXEC, request(call, task.get(), log, project));
      Invocation.checkInterrupted();
      boolean begun =
          queue
              .task(task.get().id())
              .filter(now -> now.attempts() == task.get().attempts())
              .filter(Task::isReady)
              .isEmpty();
      failures = begun ? 0 : failures + 1;
      if (failures == MOST_FAILURES) {
        throw new CommandFailure(
            "the experiment '%s' cannot be begun (exit code %s)"
                .formatted(task.get().name(), exit.asText()),
            "see: dvc queue logs " + task.get().name(),
            CommandFailure.OTHER);
      }
    }
  }

  private static Map<String, Object> request(Invocation call, Task task, Path log, Path project) {
    Map<String, Object> request = new LinkedHashMap<>();
    List<String> words = new ArrayList<>(List.of("exp", "exec-run", "--task", task.id()));
    words.addAll(QueueRun.executor(call));
    request.put("words", words);
    request.put("log", log.toString());
    request.put("directory", project.toString());
    return request;
  }
}
