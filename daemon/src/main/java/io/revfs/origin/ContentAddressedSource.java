package io.revfs.origin;

import io.revfs.object.ByteConsumer;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.ObjectSource;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A remote in DVC's layout: {@code files/md5/ab/cdef}, and {@code ab/cdef} for DVC 2's objects. */
public final class ContentAddressedSource implements ObjectSource {
  /** Where DVC 3's objects lie below a remote. */
  public static final String MD5_PREFIX = "files/md5/";

  private static final Pattern PLACE =
      Pattern.compile("(files/md5/)?([0-9a-f]{2})/([0-9a-f]{30})(\\.dir)?");

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

  /** Returns where an object lies below a remote. */
  public static RemoteKey place(ObjectKey key) {
    String name = key.name();
    String path = name.substring(0, 2) + "/" + name.substring(2);
    return switch (key.digest().algorithm()) {
      case MD5 -> RemoteKey.of(MD5_PREFIX + path);
      case MD5_DOS2UNIX -> RemoteKey.of(path);
      case GIT_BLOB, LOCATION -> throw new IllegalArgumentException(key + " on a remote");
    };
  }

  /** Returns the object whose {@link #place} this is; empty if it is none's. */
  public static Optional<ObjectKey> at(String path) {
    Matcher matcher = PLACE.matcher(path);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Digest.Algorithm algorithm =
        matcher.group(1) == null ? Digest.Algorithm.MD5_DOS2UNIX : Digest.Algorithm.MD5;
    return Optional.of(
        new ObjectKey(
            new Digest(algorithm, matcher.group(2) + matcher.group(3)), matcher.group(4) != null));
  }

  private RemoteKey key(ObjectKey key) throws ObjectMissingException {
    return switch (key.digest().algorithm()) {
      case MD5, MD5_DOS2UNIX -> place(key);
      case GIT_BLOB, LOCATION -> throw new ObjectMissingException(key, name());
    };
  }

  @Override
  public Optional<String> url(ObjectKey key) {
    try {
      return Optional.of(remote.url().replaceFirst("/$", "") + "/" + key(key).path());
    } catch (ObjectMissingException e) {
      return Optional.empty();
    }
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
