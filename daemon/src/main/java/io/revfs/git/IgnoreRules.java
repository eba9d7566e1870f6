package io.revfs.git;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.jgit.ignore.IgnoreNode;

/**
 * Files of rules in gitignore's syntax, each for its directory and below: the last that says
 * something of a path wins, nearer directories win over farther ones, and nothing below an ignored
 * directory is seen. Filled first, then thread-safe.
 */
public final class IgnoreRules {
  private final Map<String, IgnoreNode> nodes = new TreeMap<>();

  /** Adds the rules of a directory; the root is the empty string. */
  public void add(String directory, byte[] content) throws IOException {
    IgnoreNode node = new IgnoreNode();
    node.parse(new ByteArrayInputStream(content));
    nodes.put(directory, node);
  }

  /** Returns whether a file is ignored, by itself or with a directory that it is in. */
  public boolean isIgnored(String file) {
    if (nodes.isEmpty()) {
      return false;
    }
    for (int slash = file.indexOf('/'); slash >= 0; slash = file.indexOf('/', slash + 1)) {
      if (says(file.substring(0, slash), true)) {
        return true;
      }
    }
    return says(file, false);
  }

  /**
   * Returns whether a path itself is ignored, of which is known that no directory it is in is.
   *
   * @param directory whether it is one
   */
  public boolean isIgnoredItself(String path, boolean directory) {
    return !nodes.isEmpty() && says(path, directory);
  }

  private boolean says(String path, boolean directory) {
    int slash = path.lastIndexOf('/');
    while (true) {
      String at = slash < 0 ? "" : path.substring(0, slash);
      IgnoreNode node = nodes.get(at);
      if (node != null) {
        Boolean ignored = node.checkIgnored(path.substring(slash < 0 ? 0 : slash + 1), directory);
        if (ignored != null) {
          return ignored;
        }
      }
      if (slash < 0) {
        return false;
      }
      slash = path.lastIndexOf('/', slash - 1);
    }
  }
}
