package io.revfs.trace;

import java.util.Locale;

/** What a run did with a path, as its trace tells. */
public enum Deed {
  /** A file's bytes were, or could have been, read. */
  READ,
  /** A file's bytes were, or could have been, written; or another file took its place. */
  WRITTEN,
  /** It was not there before the run, and is there after it. */
  CREATED,
  /** It was there before the run, and is not after it. */
  DELETED,
  /** It got another name: the trace has that one too, with where it came from. */
  RENAMED,
  /** A directory was listed. */
  LISTED,
  /** It was looked for, and was there neither before the run nor after it. */
  ABSENT,
  /** It was executed. */
  EXECUTED,
  /** A symbolic link's target was read. */
  LINK_READ,
  /** Its mode, owner, times or extended attributes were set. */
  ATTRIBUTES,
  /** It was looked at, and nothing else was done with it. */
  STATTED;

  /** Returns its word in JSON and for people. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Returns what a word means.
   *
   * @throws IllegalArgumentException if it means nothing
   */
  public static Deed ofWord(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
  }
}
