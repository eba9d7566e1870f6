package io.revfs.command.experiment.queue;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.TaskQueue;
import io.revfs.experiment.queue.celery.DvcProcesses;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Ends tasks that run. */
final class Kills {
  /** The caller runs it: nobody ends processes by us that he could not end himself. */
  private static final String SIGNAL = "kill -s \"$1\" -- \"$2\"";

  private Kills() {}

  /**
   * Ends the process that runs a task, which then counts as failed.
   *
   * @param force whether it is not given time to end in order
   * @return whether it ran here, or by DVC
   */
  static boolean kill(Invocation call, TaskQueue queue, Task task, boolean force)
      throws IOException {
    if (queue.isElsewhere(task.id())) {
      return killElsewhere(call, task, force);
    }
    if (!queue.kill(task)) {
      return false;
    }
    ProcessHandle.of(task.pid())
        .ifPresent(
            process -> {
              var unused = force ? process.destroyForcibly() : process.destroy();
            });
    return true;
  }

  /** As DVC does: its worker sees that, and makes a failed experiment of it. */
  private static boolean killElsewhere(Invocation call, Task task, boolean force)
      throws IOException {
    if (!DvcProcesses.runs(task.pid(), task.id())) {
      throw new CommandFailure(
          "the experiment '%s' is just being begun or ended by a worker of DVC's"
              .formatted(task.name()),
          "try again in a moment; see: dvc queue status",
          CommandFailure.OTHER);
    }
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("script", SIGNAL);
    request.put(
        "arguments",
        List.of(
            force ? "KILL" : "INT",
            force ? Long.toString(task.pid()) : "-" + DvcProcesses.group(task.pid())));
    request.put("directory", call.directory().toString());
    return call.request("script", request).asInt(1) == 0;
  }
}
