package io.revfs.command.explain;

import io.revfs.text.PythonJson;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One thing that differs from what is recorded.
 *
 * @param what it is of: a path, a file and a dotted key; empty for the stage itself
 * @param recorded the value at the last run: a hash, a parameter's value, a command; null if there
 *     was none
 * @param now the value now; null if there is none
 * @param note what the values do not say; empty if nothing
 */
public record Reason(
    Kind kind, String what, @Nullable Object recorded, @Nullable Object now, String note) {
  /** What differs. */
  public enum Kind {
    /** It was asked for. */
    FORCED,
    /** {@code dvc.lock} does not know the stage. */
    NEVER_RUN,
    /** {@code always_changed}, or a stage that neither needs nor makes anything. */
    ALWAYS,
    /** What it runs. */
    COMMAND,
    /** The checksum of an import. */
    CHECKSUM,
    /** A file or directory that it depends on. */
    DEPENDENCY,
    /** A file in a directory that it depends on, or makes. */
    FILE,
    /** What a recorded run took in and the stage does not declare. */
    RECORDED,
    /** A parameter, or a whole file of them. */
    PARAMETER,
    /** What it makes. */
    OUTPUT,
    /** What another stage, which may run, makes for it. */
    UPSTREAM;

    /** Returns its word in JSON. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  /** Returns the reason for {@code --json}, without values that are absent. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("kind", kind.word());
    json.put("what", what);
    put(json, "recorded", recorded);
    put(json, "now", now);
    if (!note.isEmpty()) {
      json.put("note", note);
    }
    return json;
  }

  /** Null is a value of parameters only. */
  private void put(Map<String, @Nullable Object> json, String key, @Nullable Object value) {
    if (!(value instanceof Absent) && (value != null || kind == Kind.PARAMETER)) {
      json.put(key, value);
    }
  }

  /** Returns the reason as a line for people. */
  public String text() {
    return switch (kind) {
      case FORCED, NEVER_RUN, ALWAYS, UPSTREAM -> (what.isEmpty() ? "" : what + ": ") + note;
      case COMMAND, CHECKSUM, DEPENDENCY, FILE, RECORDED, PARAMETER, OUTPUT -> {
        String change = change();
        yield (what.isEmpty() ? kind.word() : what)
            + ": "
            + (note.isEmpty() ? change : change.isEmpty() ? note : note + ", " + change);
      }
    };
  }

  private String change() {
    if (recorded == null && now == null && kind != Kind.PARAMETER) {
      return "";
    }
    return "was %s, is %s".formatted(shown(recorded), shown(now));
  }

  private String shown(@Nullable Object value) {
    if (kind == Kind.PARAMETER) {
      return value instanceof Absent ? "absent" : PythonJson.of(value);
    }
    return value == null ? "absent" : value instanceof String text ? text : PythonJson.of(value);
  }

  /** Stands for a parameter that is not there: null is a value. */
  record Absent() {
    static final Absent VALUE = new Absent();
  }
}
