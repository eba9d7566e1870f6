package io.revfs.command.declare;

/**
 * A line that a stage lacks.
 *
 * @param path from the project's root
 */
public record Line(Section section, String path) implements Comparable<Line> {
  /** Where in a stage a line belongs. */
  public enum Section {
    /** What it reads. */
    DEPS("deps", "read"),
    /** Files of parameters, which count as a whole. */
    PARAMS("params", "read"),
    /** What it writes. */
    OUTS("outs", "wrote");

    private final String key;
    private final String deed;

    Section(String key, String deed) {
      this.key = key;
      this.deed = deed;
    }

    /** Returns its key in {@code dvc.yaml}. */
    public String key() {
      return key;
    }

    /** Returns what a stage did with the path. */
    public String deed() {
      return deed;
    }
  }

  @Override
  public int compareTo(Line other) {
    int sections = section.compareTo(other.section);
    return sections != 0 ? sections : path.compareTo(other.path);
  }
}
