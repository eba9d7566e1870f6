package io.revfs.workspace;

/** How an output or dependency differs from what is recorded. */
public enum OutStatus {
  NEW("new"),
  MODIFIED("modified"),
  DELETED("deleted"),
  NOT_IN_CACHE("not in cache");

  private final String word;

  OutStatus(String word) {
    this.word = word;
  }

  /** Returns DVC's word. */
  public String word() {
    return word;
  }
}
