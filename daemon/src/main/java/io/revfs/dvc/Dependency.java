package io.revfs.dvc;

import io.revfs.object.ObjectKey;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an import came from.
 *
 * @param path a path (in another repository, or on this machine) or a URL
 * @param key its hash as DVC computed it, if it did
 * @param etag the store's tag
 * @param versionId the store's version
 * @param files the files of a version-aware directory
 * @param isVersionAware whether the store's versions are tracked
 * @param repository the repository it comes from; absent for {@code import-url}
 * @param line where it stands, from 1
 */
public record Dependency(
    String path,
    Optional<ObjectKey> key,
    OptionalLong size,
    Optional<String> etag,
    Optional<String> versionId,
    List<OutputFile> files,
    boolean isVersionAware,
    Optional<RepositoryDependency> repository,
    int line) {
  public Dependency {
    files = List.copyOf(files);
  }

  /**
   * Another Git + DVC repository.
   *
   * @param url as given by the user; relative ones are relative to the repository's folder
   * @param rev the revision asked for
   * @param revLock the commit it was when imported
   * @param remote the remote of that repository to use
   */
  public record RepositoryDependency(
      String url, Optional<String> rev, Optional<String> revLock, Optional<String> remote) {}
}
