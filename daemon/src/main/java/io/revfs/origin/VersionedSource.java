package io.revfs.origin;

import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.ObjectSource;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Files that a remote stores under their own names, in versions: cloud-versioned outputs. */
public final class VersionedSource implements ObjectSource {
  private final Remote remote;
  private final Map<ObjectKey, RemoteKey> places;

  public VersionedSource(Remote remote, Map<ObjectKey, RemoteKey> places) {
    this.remote = remote;
    this.places = Map.copyOf(places);
  }

  @Override
  public String name() {
    return remote.name();
  }

  private RemoteKey place(ObjectKey key) throws ObjectMissingException {
    RemoteKey place = places.get(key);
    if (place == null) {
      throw new ObjectMissingException(key, remote.name());
    }
    return place;
  }

  @Override
  public Optional<String> url(ObjectKey key) {
    return Optional.ofNullable(places.get(key))
        .map(
            place ->
                remote.url().replaceFirst("/$", "")
                    + "/"
                    + place.path()
                    + place.version().map(version -> "?versionId=" + version).orElse(""));
  }

  @Override
  public long size(ObjectKey key) throws IOException {
    return remote.stat(place(key)).size();
  }

  @Override
  public void read(ObjectKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    remote.read(place(key), offset, length, consumer);
  }
}
