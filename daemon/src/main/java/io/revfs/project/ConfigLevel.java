package io.revfs.project;

/** The files of DVC's configuration; each has the last word over those before it. */
public enum ConfigLevel {
  SYSTEM("system"),
  GLOBAL("global"),
  PROJECT("repo"),
  LOCAL("local");

  private final String label;

  ConfigLevel(String label) {
    this.label = label;
  }

  /** Returns DVC's name for it. */
  public String label() {
    return label;
  }
}
