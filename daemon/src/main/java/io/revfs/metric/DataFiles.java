package io.revfs.metric;

import io.revfs.stage.view.FileView;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The files of a project at one time, Git's and DVC's alike. Paths are relative to the project's
 * root. May ask remotes for objects that are not here.
 */
public interface DataFiles {
  /** Returns a file's bytes; empty if there is none. */
  Optional<byte[]> read(String path) throws IOException;

  /** Returns a file's size in bytes without reading the file; empty if there is none. */
  OptionalLong size(String path) throws IOException;

  /** Returns what is at a path. */
  FileView.Kind kind(String path) throws IOException;

  /** Returns the paths of all files below a directory, sorted. */
  List<String> filesBelow(String directory) throws IOException;
}
