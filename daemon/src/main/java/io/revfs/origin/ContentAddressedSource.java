package io.revfs.origin;

import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.ObjectSource;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A remote in DVC's layout: {@code files/md5/ab/cdef}, and {@code ab/cdef} for DVC 2's objects. */
public final class ContentAddressedSource implements ObjectSource {
  /** Where DVC 3's objects lie below a remote. */
  public static final String MD5_PREFIX = "files/md5/";

  private final Remote remote;

  public ContentAddressedSource(Remote remote) {
    this.remote = remote;
  }

  /** Returns the remote. */
  public Remote remote() {
    return remote;
  }

  /** Two of one remote are the same. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ContentAddressedSource that && remote.equals(that.remote);
  }

  @Override
  public int hashCode() {
    return remote.hashCode();
  }

  @Override
  public String name() {
    return remote.name();
  }

  private RemoteKey key(ObjectKey key) throws ObjectMissingException {
    String name = key.name();
    String path = name.substring(0, 2) + "/" + name.substring(2);
    return switch (key.digest().algorithm()) {
      case MD5 -> RemoteKey.of(MD5_PREFIX + path);
      case MD5_DOS2UNIX -> RemoteKey.of(path);
      case GIT_BLOB, LOCATION -> throw new ObjectMissingException(key, name());
    };
  }

  @Override
  public long size(ObjectKey key) throws IOException {
    return remote.stat(key(key)).size();
  }

  @Override
  public void read(ObjectKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    remote.read(key(key), offset, length, consumer);
  }
}
