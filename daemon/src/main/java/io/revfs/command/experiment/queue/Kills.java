package io.revfs.command.experiment.queue;

import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.TaskQueue;

/** Ends tasks that run. */
final class Kills {
  private Kills() {}

  /**
   * Ends the process that runs a task, which then counts as failed.
   *
   * @param force whether it is not given time to end in order
   * @return whether it ran here
   */
  static boolean kill(TaskQueue queue, Task task, boolean force) {
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
}
