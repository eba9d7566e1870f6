package io.revfs.command.experiment.queue;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.command.pipeline.TextTable;
import io.revfs.experiment.queue.QueueUpkeep;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.Workers;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code queue status}: which tasks there are, and how many workers. */
final class QueueStatusCommand implements Command {
  private final Workers workers;

  QueueStatusCommand(Workers workers) {
    this.workers = workers;
  }

  @Override
  public String name() {
    return "queue status";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (ExperimentSession session = ExperimentSession.open(call)) {
      QueueUpkeep upkeep = new QueueUpkeep(session.tasks());
      upkeep.settle();
      List<Task> tasks = upkeep.queue().all();
      List<Map<String, @Nullable Object>> json = new ArrayList<>();
      TextTable table = new TextTable(List.of("Task", "Name", "Created", "Status"));
      for (String state : List.of("Running", "Queued", "Failed", "Success")) {
        for (Task task : tasks) {
          if (status(task).equals(state)) {
            ZonedDateTime time = Instant.ofEpochSecond(task.queuedAt()).atZone(session.zone());
            table.add(List.of(task.id().substring(0, 7), task.name(), shown(time), state));
            Map<String, @Nullable Object> entry = new LinkedHashMap<>();
            entry.put("rev", task.id());
            entry.put("name", task.name());
            entry.put("timestamp", time.toLocalDateTime().toString());
            entry.put("status", state);
            entry.put("failure", task.failure());
            json.add(entry);
          }
        }
      }
      if (tasks.isEmpty()) {
        call.out("No experiment tasks in the queue.");
      } else {
        table.plain().forEach(call::out);
      }
      upkeep.problems().forEach(line -> call.warn("WARNING: " + line));
      List<Workers.Known> all = workers.of(session.project().root());
      long active = all.stream().filter(one -> one.task().isPresent()).count();
      call.out("\nWorker status: %d active, %d idle".formatted(active, all.size() - active));
      call.result(json);
    }
  }

  private static String status(Task task) {
    return switch (task.state()) {
      case QUEUED -> "Queued";
      case RUNNING, FINISHING -> "Running";
      case SUCCESS -> "Success";
      case FAILED -> "Failed";
    };
  }

  private static String shown(ZonedDateTime time) {
    boolean today = time.toLocalDate().equals(LocalDate.now(time.getZone()));
    return DateTimeFormatter.ofPattern(today ? "hh:mm a" : "MMM dd, yyyy", Locale.ENGLISH)
        .format(time);
  }
}
