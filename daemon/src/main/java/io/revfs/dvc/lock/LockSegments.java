package io.revfs.dvc.lock;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a {@code dvc.lock} as DVC writes it, cut into its stages: so one of a thousand is
 * read, or written, without the others. Comments go with the stage before them. Not thread-safe.
 */
final class LockSegments {
  private static final String STAGES = "stages:";
  private static final Pattern STAGE = Pattern.compile("  ([A-Za-z0-9_][A-Za-z0-9_@.-]*):");

  /** What one part of the text may share with another. */
  private static final Pattern ANCHOR = Pattern.compile("(?m)(?:^|[\\s:\\-])[&*][^\\s]");

  private final String before;
  private final Map<String, String> stages;
  private final String after;

  private LockSegments(String before, Map<String, String> stages, String after) {
    this.before = before;
    this.stages = stages;
    this.after = after;
  }

  /** Cuts a text; empty if it is not in the form that can be cut. */
  static Optional<LockSegments> cut(String text) {
    if (!text.endsWith("\n") || text.indexOf('\t') >= 0 || ANCHOR.matcher(text).find()) {
      return Optional.empty();
    }
    StringBuilder before = new StringBuilder();
    StringBuilder after = new StringBuilder();
    Map<String, StringBuilder> stages = new LinkedHashMap<>();
    StringBuilder current = before;
    boolean inside = false;
    for (String line : text.splitWithDelimiters("\n", 0)) {
      boolean top = !line.equals("\n") && !line.isEmpty() && line.charAt(0) != ' ';
      if (top && line.equals(STAGES) && stages.isEmpty() && current == before) {
        inside = true;
      } else if (top && line.charAt(0) != '#') {
        current = inside ? after : current;
      } else if (inside && current != after && isStageLevel(line)) {
        Matcher stage = STAGE.matcher(line);
        if (!stage.matches() || stages.containsKey(stage.group(1))) {
          return Optional.empty();
        }
        current = new StringBuilder();
        stages.put(stage.group(1), current);
      }
      current.append(line);
    }
    if (stages.isEmpty()) {
      return Optional.empty();
    }
    Map<String, String> texts = new LinkedHashMap<>();
    stages.forEach((name, segment) -> texts.put(name, segment.toString()));
    return Optional.of(new LockSegments(before.toString(), texts, after.toString()));
  }

  private static boolean isStageLevel(String line) {
    return line.length() > 2
        && line.startsWith("  ")
        && line.charAt(2) != ' '
        && line.charAt(2) != '#';
  }

  /** Returns a document that has one stage only; empty if there is none of that name. */
  Optional<String> document(String stage) {
    return Optional.ofNullable(stages.get(stage)).map(segment -> STAGES + "\n" + segment);
  }

  /**
   * Replaces a stage, or adds it at the end.
   *
   * @param document one that has this stage only
   * @return whether it was one
   */
  boolean put(String stage, String document) {
    if (!document.startsWith(STAGES + "\n") || !document.endsWith("\n")) {
      return false;
    }
    String segment = document.substring(STAGES.length() + 1);
    if (!segment.startsWith("  " + stage + ":\n") || !STAGE.matcher("  " + stage + ":").matches()) {
      return false;
    }
    stages.put(stage, segment);
    return true;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(before);
    stages.values().forEach(text::append);
    return text.append(after).toString();
  }
}
