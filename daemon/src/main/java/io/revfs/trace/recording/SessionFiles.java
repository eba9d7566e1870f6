package io.revfs.trace.recording;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which session shows a path, and what it shows there. Paths of the working copy are relative,
 * those of other sessions absolute. Thread-safe.
 */
final class SessionFiles {
  /** The prefix of what no session shows. */
  static final String ELSEWHERE = "/";

  private final Map<String, TracedFiles> byPrefix = new ConcurrentHashMap<>();

  /**
   * A session is there: {@code prefix} is what its paths begin with, empty for the working copy.
   */
  void put(String prefix, TracedFiles files) {
    byPrefix.put(prefix, files);
  }

  /** Returns the longest prefix of a session that a path has. */
  String prefixOf(String path) {
    String longest = "";
    for (String prefix : byPrefix.keySet()) {
      if (path.startsWith(prefix) && prefix.length() > longest.length()) {
        longest = prefix;
      }
    }
    return longest;
  }

  /** Returns the files of the session that shows a path. */
  TracedFiles at(String path) {
    return Objects.requireNonNull(byPrefix.get(prefixOf(path)));
  }

  /** Returns a path as its session has it. */
  String within(String path) {
    return path.substring(prefixOf(path).length());
  }

  /** Returns the names in a directory as it is now; empty if there is none. */
  Optional<List<String>> names(String path) throws IOException {
    return at(path).names(within(path));
  }

  /** Returns what no session shows, by paths from the root directory. */
  TracedFiles elsewhere() {
    return byPrefix.getOrDefault(ELSEWHERE, TracedFiles.NONE);
  }
}
