package io.revfs.tree;

import java.util.Map;
import java.util.Optional;

/** The views of one mount and the commits they point to. Thread-safe. */
public final class Views {
  /** The view that every mount has. */
  public static final String CURRENT = "current";

  private final ViewFile file;
  private final String mount;

  /** {@code mount}: what tells this mount's views from others'. */
  public Views(ViewFile file, String mount) {
    this.file = file;
    this.mount = mount;
  }

  /** Returns the commit that a view points to. */
  public Optional<String> get(String view) {
    return Optional.ofNullable(all().get(view));
  }

  /** Points a view to a commit. */
  public void set(String view, String commit) {
    file.set(mount, view, commit);
  }

  /** Returns all views by name. */
  public Map<String, String> all() {
    return file.all(mount);
  }
}
