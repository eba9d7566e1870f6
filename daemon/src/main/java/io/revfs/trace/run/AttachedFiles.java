package io.revfs.trace.run;

import io.revfs.object.Digest;
import io.revfs.trace.recording.TracedFiles;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The files of an attached working copy: those below, and what is shown where nothing is below.
 *
 * @param below what lies on the disk, which is asked first: what an attribute there says may have
 *     been copied with it
 * @param all what the mount shows
 */
record AttachedFiles(TracedFiles below, TracedFiles all) implements TracedFiles {
  @Override
  public Optional<Digest> digest(String path) throws IOException {
    Optional<Digest> found = below.digest(path);
    return found.isPresent() ? found : all.digest(path);
  }

  @Override
  public long stamp(String path) {
    return below.stamp(path);
  }

  @Override
  public boolean isQuick(String path) {
    return below.isQuick(path);
  }

  @Override
  public Optional<List<String>> names(String path) throws IOException {
    return all.names(path);
  }
}
