package io.revfs.dvc.pipeline;

/** A template that cannot be resolved, or variables that contradict each other. */
final class Unresolved extends Exception {
  private static final long serialVersionUID = 1L;

  Unresolved(String what) {
    super(what, null, false, false);
  }

  /** Returns what is wrong. */
  String what() {
    return String.valueOf(getMessage());
  }
}
