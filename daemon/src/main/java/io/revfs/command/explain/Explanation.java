package io.revfs.command.explain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What would become of one stage.
 *
 * @param stage as it is called from where the caller stands
 * @param reasons what that is for; none if nothing differs
 */
public record Explanation(String stage, Decision decision, List<Reason> reasons) {
  private static final int MOST_FILES = 20;

  /** What would become of it. */
  public enum Decision {
    /** Its command would run. */
    RUNS("runs"),
    /** It would run if what another stage makes for it becomes other than it was. */
    MAY_RUN("may run"),
    /** What it would make is known from an earlier run, and would be brought back. */
    RESTORED("restored"),
    /** It has no command, or is frozen: its data would be recorded as it is. */
    RECORDED("recorded"),
    /** Nothing would happen. */
    UP_TO_DATE("up to date");

    private final String word;

    Decision(String word) {
      this.word = word;
    }

    /** Returns its word. */
    public String word() {
      return word;
    }
  }

  public Explanation {
    reasons = List.copyOf(reasons);
  }

  /** Returns it for {@code --json}. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("stage", stage);
    json.put("decision", decision.word());
    json.put("reasons", reasons.stream().map(Reason::json).toList());
    return json;
  }

  /** Returns it as lines for people; of many files in a directory only the first. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(stage + ": " + decision.word());
    int files = 0;
    for (Reason reason : reasons) {
      boolean file = reason.kind() == Reason.Kind.FILE;
      files = file ? files + 1 : 0;
      if (files <= MOST_FILES) {
        lines.add((file ? "    " : "  ") + reason.text());
      } else if (files == MOST_FILES + 1) {
        lines.add("    … and more; --json shows all");
      }
    }
    return lines;
  }
}
