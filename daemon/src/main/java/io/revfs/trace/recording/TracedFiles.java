package io.revfs.trace.recording;

import io.revfs.object.Digest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The files that a traced session shows, read past the session: asking for them is heard by nobody.
 * Thread-safe. Paths are as {@link io.revfs.fuse.heard.AccessListener} has them.
 */
public interface TracedFiles {
  /** Of which nothing is known any more. */
  TracedFiles NONE =
      new TracedFiles() {
        @Override
        public Optional<Digest> digest(String path) {
          return Optional.empty();
        }

        @Override
        public long stamp(String path) {
          return 0;
        }

        @Override
        public boolean isQuick(String path) {
          return true;
        }

        @Override
        public Optional<List<String>> names(String path) {
          return Optional.empty();
        }
      };

  /**
   * Returns the MD5 digest of a file as it is now; empty if there is no file, or it changed while
   * it was read. May take as long as reading it.
   */
  Optional<Digest> digest(String path) throws IOException;

  /**
   * Returns a number that is another one when a file was written or replaced; 0 if there is no
   * file, or its bytes never change.
   */
  long stamp(String path);

  /** Returns whether {@link #digest} would take a moment only, since there is little to read. */
  boolean isQuick(String path);

  /**
   * Returns the names in a directory as it is now, those of directories with a slash at the end;
   * empty if there is none.
   */
  Optional<List<String>> names(String path) throws IOException;
}
