package io.revfs.dvc.pipeline;

import java.util.List;

/**
 * What a stage runs.
 *
 * @param lines one after another, until one fails
 * @param list whether it was written as a list, which dvc.lock keeps
 */
public record StageCommand(List<String> lines, boolean list) {
  public StageCommand {
    lines = List.copyOf(lines);
  }

  /** Returns the command as dvc.lock has it: text, or a list of text. */
  public Object value() {
    return list ? lines : lines.getFirst();
  }

  /** Returns the command of a value of dvc.lock. */
  public static StageCommand of(Object value) {
    return value instanceof List<?> list
        ? new StageCommand(list.stream().map(PythonText::str).toList(), true)
        : new StageCommand(List.of(PythonText.str(value)), false);
  }
}
