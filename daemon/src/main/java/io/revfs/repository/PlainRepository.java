package io.revfs.repository;

import io.revfs.git.AnnotatedTag;
import io.revfs.snapshot.Snapshot;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A DVC project without Git: it has no revisions, and its files are all there is.
 *
 * @param location what the user named
 */
record PlainRepository(String location, RepositoryRemotes ownRemotes, NamedOutputs named)
    implements DataRepository {
  @Override
  public String resolve(String revision) throws UnknownRevisionException {
    throw new UnknownRevisionException(revision, List.of());
  }

  @Override
  public Map<String, String> branches() {
    return Map.of();
  }

  @Override
  public Map<String, String> tags() {
    return Map.of();
  }

  @Override
  public List<AnnotatedTag> annotatedTags() {
    return List.of();
  }

  @Override
  public Map<String, String> experiments() {
    return Map.of();
  }

  @Override
  public List<String> commitsWithPrefix(String prefix) {
    return List.of();
  }

  @Override
  public Snapshot snapshot(String commit) throws UnknownRevisionException {
    throw new UnknownRevisionException(commit, List.of());
  }

  @Override
  public OutputsOfFiles outputs(WorkTreeFiles files, Set<String> projects) {
    return named.reader(files, projects);
  }

  @Override
  public byte[] gitBlob(String id) throws IOException {
    throw new IOException(location + " has no Git, and so no blob " + id);
  }

  @Override
  public List<String> refresh() {
    return List.of();
  }

  @Override
  public void calledWith(Map<String, String> environment) {
    ownRemotes.calledWith(environment);
    named.imports().calledWith(environment);
  }

  @Override
  public List<RemoteState> remotes() {
    return ownRemotes.states();
  }

  @Override
  public void close() {
    ownRemotes.close();
    named.imports().close();
  }
}
