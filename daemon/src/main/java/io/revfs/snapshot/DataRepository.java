package io.revfs.snapshot;

import io.revfs.cache.Origins;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A Git + DVC repository, opened: its revisions, and where its objects come from. Thread-safe. */
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

  /** Returns the branches (local ones, then those of {@code origin} that have no local one). */
  Map<String, String> branches() throws IOException;

  /** Returns tags and the commits they peel to. */
  Map<String, String> tags() throws IOException;

  /** Returns experiments ({@code refs/exps}, without the temporary ones) and their commits. */
  Map<String, String> experiments() throws IOException;

  /** Returns the commit's snapshot; building it reads Git only. Cached. */
  Snapshot snapshot(String commit) throws IOException;

  /** Returns where the object of an entry of a snapshot comes from. */
  Origins origins(String commit, Entry entry) throws IOException;

  /** Fetches from the clone's origin, if this is a mirror of a URL; returns the refs changed. */
  List<String> refresh() throws IOException;

  /** Returns the state of each remote: reachable or not and why, for {@code status}. */
  List<RemoteState> remotes();

  @Override
  void close();

  /**
   * How a remote is doing.
   *
   * @param name in the configuration
   * @param url without credentials
   * @param lastError the last failure's cause if none succeeded since, else empty
   * @param failures how many requests failed since the start
   * @param missingObjects how many objects were not found on it when nothing else had them
   */
  record RemoteState(
      String name,
      String url,
      String lastError,
      long requests,
      long failures,
      long missingObjects,
      long bytesRead) {}
}
