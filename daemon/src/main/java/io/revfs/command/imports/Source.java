package io.revfs.command.imports;

import io.revfs.command.tracking.Session;
import io.revfs.workspace.OutStatus;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What one import comes from. For one thread. */
sealed interface Source extends Closeable permits RepositorySource, UrlSource {
  /** The tools to reach sources. */
  record Reach(
      io.revfs.browse.Places places,
      io.revfs.snapshot.FileContents contents,
      io.revfs.url.ExternalUrls urls) {
    /**
     * Returns the source that an entry of {@code deps} names.
     *
     * @param entry as the file has it
     * @param directory of the stage, absolute
     */
    Source of(Session session, Map<String, @Nullable Object> entry, Path directory)
        throws IOException {
      return entry.get("repo") instanceof Map<?, ?> repository
          ? new RepositorySource(this, session, entry, repository, directory)
          : new UrlSource(this, session, entry, directory);
    }
  }

  /** Returns how it is shown to the caller. */
  String shown();

  /**
   * Looks at the source as it is now.
   *
   * @param revision what the import follows from now on; empty: what it follows
   * @return whether it is other than it was recorded
   * @throws IOException if it is not there or cannot be reached
   */
  boolean look(Optional<String> revision) throws IOException;

  /** Returns the entry of {@code deps} as it is to be recorded: with what was seen by looking. */
  Map<String, @Nullable Object> entry();

  /** Returns how it differs now from what is recorded: a word of DVC's, empty if not at all. */
  Optional<String> status() throws IOException;

  /**
   * Copies the data to a place where nothing is: as it was seen if it was looked at, else as it was
   * recorded.
   */
  void copy(Path target) throws IOException;

  /** Returns whether versions of it stay there, so that the data need not be pushed. */
  boolean isVersionAware();

  /** Returns the word for a source that is gone. */
  static String gone() {
    return OutStatus.DELETED.word();
  }

  @Override
  void close();
}
