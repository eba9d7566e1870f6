package io.revfs.command.experiment.queue;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.run.LogReader;
import io.revfs.command.experiment.run.QueueRun;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.TaskQueue;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;

/** {@code queue logs}: what a task printed, and prints. */
final class QueueLogsCommand implements Command {
  @Override
  public String name() {
    return "queue logs";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (ExperimentSession session = ExperimentSession.open(call)) {
      String name = call.required("task");
      TaskQueue queue = session.tasks();
      Task task = queue.find(name).orElseThrow(() -> ExperimentSession.unknown(List.of(name), ""));
      if (!Files.exists(queue.log(task.id()))) {
        throw new CommandFailure(
            "No output logs found for experiment '%s'".formatted(name),
            task.state() == Task.State.QUEUED ? "run it: dvc queue start" : "",
            CommandFailure.OTHER);
      }
      LogReader log = new LogReader(queue.log(task.id()), charset(call));
      log.show(call);
      while (call.flag("follow") && isActive(queue, task)) {
        QueueRun.pause();
        log.show(call);
      }
      log.show(call);
      log.end(call);
    }
  }

  private static boolean isActive(TaskQueue queue, Task task) throws IOException {
    return queue
        .task(task.id())
        .filter(
            now ->
                now.state() == Task.State.RUNNING
                    || now.state() == Task.State.FINISHING
                    || now.state() == Task.State.QUEUED)
        .isPresent();
  }

  private static Charset charset(Invocation call) throws CommandFailure {
    String name = call.value("encoding").orElse(StandardCharsets.UTF_8.name());
    try {
      // Python's names have hyphens and underscores where they like.
      return Charset.forName(
          name.toLowerCase(Locale.ROOT).replace('_', '-').replaceFirst("^latin-", "latin"));
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      throw new CommandFailure(
          "unknown encoding '" + name + "'", "for instance: -e utf-8", CommandFailure.USAGE, e);
    }
  }
}
