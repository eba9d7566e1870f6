package io.revfs.repository;

import io.revfs.git.AnnotatedTag;
import io.revfs.snapshot.Snapshot;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A Git + DVC repository, opened: its revisions and their trees. Thread-safe. */
public interface DataRepository extends Closeable {
  /** Returns what the user named: a path or URL without credentials. */
  String location();

  /**
   * Returns the full commit id of a revision: branch, tag, SHA or prefix, {@code HEAD~3}, an
   * experiment's name.
   *
   * @throws UnknownRevisionException naming near matches
   */
  String resolve(String revision) throws IOException;

  /** Returns the branches (local ones, then those of the origin that have no local one). */
  Map<String, String> branches() throws IOException;

  /** Returns tags and the commits they peel to. */
  Map<String, String> tags() throws IOException;

  /** Returns the tags that have an author, in the order in which they were made. */
  List<AnnotatedTag> annotatedTags() throws IOException;

  /** Returns experiments and their commits. */
  Map<String, String> experiments() throws IOException;

  /** Returns the commits whose ids begin with these digits. */
  List<String> commitsWithPrefix(String prefix) throws IOException;

  /** Returns the commit's snapshot; building it reads Git only. Kept for the next call. */
  Snapshot snapshot(String commit) throws IOException;

  /**
   * Returns the outputs that a {@code .dvc} file or {@code dvc.lock} of the work tree names; those
   * that nobody has made are left out. May read configuration, never data.
   *
   * @param file its path from the root
   * @param files for what is to be read beside it
   * @param projects the directories of DVC's projects, the root as the empty path
   */
  default List<ShownOutput> outputs(
      String file, byte[] content, WorkTreeFiles files, Set<String> projects) throws IOException {
    return outputs(files, projects).of(file, content);
  }

  /**
   * Returns a reader of many such files, by the configuration as it is when the first is read. For
   * one thread.
   */
  OutputsOfFiles outputs(WorkTreeFiles files, Set<String> projects);

  /** Reads {@code .dvc} files and {@code dvc.lock}. */
  @FunctionalInterface
  interface OutputsOfFiles {
    /** Returns the outputs that a file names, as {@link DataRepository#outputs} says. */
    List<ShownOutput> of(String file, byte[] content) throws IOException;
  }

  /** Returns the bytes of a symbolic link or small file of Git's. */
  byte[] gitBlob(String id) throws IOException;

  /** Fetches from the clone's origin if this is a mirror; returns the refs that changed. */
  List<String> refresh() throws IOException;

  /**
   * Asks remotes as a caller with these variables would from now on: this process may have been
   * started from another shell. They are kept in memory only.
   */
  void calledWith(Map<String, String> environment);

  /** Returns the state of each remote used so far. */
  List<RemoteState> remotes();

  @Override
  void close();

  /**
   * How a remote is doing.
   *
   * @param name in the configuration
   * @param url without credentials
   * @param lastError the last failure's cause if none succeeded since, else empty
   * @param requests how many were made
   * @param failures how many of them failed
   * @param bytesRead bytes received
   */
  record RemoteState(
      String name, String url, String lastError, long requests, long failures, long bytesRead) {}
}
