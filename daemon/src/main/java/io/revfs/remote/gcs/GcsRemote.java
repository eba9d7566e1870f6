package io.revfs.remote.gcs;

import com.google.api.services.storage.Storage;
import com.google.api.services.storage.model.Objects;
import com.google.api.services.storage.model.StorageObject;
import io.revfs.object.ObjectMissingException;
import io.revfs.remote.BucketUrl;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.Upload;
import io.revfs.remote.google.GoogleRemote;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Google Cloud Storage by its JSON interface. An object is seen only once its upload is complete.
 * Versions are the store's generations.
 */
public final class GcsRemote extends GoogleRemote {
  private final String bucket;
  private final String prefix;
  private final Optional<String> project;
  private final GcsClient client;
  private final GcsUploads uploads;

  public GcsRemote(RemoteSettings settings) throws IOException {
    super(settings);
    BucketUrl place = BucketUrl.of(settings);
    this.bucket = place.bucket();
    this.prefix = place.prefix();
    this.project = settings.option("projectname");
    this.client = new GcsClient(settings);
    this.uploads = new GcsUploads(bucket, project, Math.min(8, settings.limits().connections()));
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.LIST, Capability.WRITE, Capability.DELETE, Capability.VERSIONS);
  }

  @Override
  protected String credentialOptions() {
    return "credentialpath or GOOGLE_APPLICATION_CREDENTIALS";
  }

  @Override
  protected Optional<String> placeIsMissing(String text) {
    return text.contains("bucket") && text.contains("not exist")
        ? Optional.of("the bucket does not exist")
        : Optional.empty();
  }

  private Storage.Objects objects() throws IOException {
    return client.storage().objects();
  }

  @Override
  public RemoteObject stat(RemoteKey key) throws IOException {
    return with(
        key.path(),
        () -> {
          return object(key.path(), get(key).execute());
        });
  }

  private Storage.Objects.Get get(RemoteKey key) throws IOException {
    Storage.Objects.Get get = objects().get(bucket, prefix + key.path());
    project.ifPresent(get::setUserProject);
    if (key.version().isPresent()) {
      get.setGeneration(generation(key));
    }
    return get;
  }

  private long generation(RemoteKey key) throws ObjectMissingException {
    try {
      return Long.parseLong(key.version().orElseThrow());
    } catch (NumberFormatException e) {
      throw new ObjectMissingException(key.path() + " in version " + key.version().get(), where());
    }
  }

  private static RemoteObject object(String path, StorageObject found) {
    return new RemoteObject(
        path,
        found.getSize() == null ? 0 : found.getSize().longValueExact(),
        Optional.ofNullable(found.getEtag()),
        Optional.ofNullable(found.getGeneration()).map(String::valueOf),
        Optional.ofNullable(found.getUpdated()).map(at -> Instant.ofEpochMilli(at.getValue())));
  }

  @Override
  protected InputStream media(RemoteKey key, Optional<String> range) throws IOException {
    Storage.Objects.Get get = get(key);
    range.ifPresent(get.getRequestHeaders()::setRange);
    return get.executeMediaAsInputStream();
  }

  @Override
  public void list(String under, ListSink sink) throws IOException {
    @Nullable String token = null;
    do {
      String from = token;
      Objects page =
          with(
              under,
              () -> {
                Storage.Objects.List list =
                    objects()
                        .list(bucket)
                        .setPrefix(prefix + under)
                        .setPageToken(from)
                        .setFields("nextPageToken,items(name,size,etag,generation,updated)");
                project.ifPresent(list::setUserProject);
                return list.execute();
              });
      if (page.getItems() != null) {
        for (StorageObject found : page.getItems()) {
          if (found.getName().startsWith(prefix)
              && !sink.accept(object(found.getName().substring(prefix.length()), found))) {
            return;
          }
        }
      }
      token = page.getNextPageToken();
    } while (token != null);
  }

  @Override
  public RemoteObject write(String path, Upload upload) throws IOException {
    return with(path, () -> object(path, uploads.store(objects(), prefix + path, upload)));
  }

  @Override
  public void delete(String path) throws IOException {
    try {
      with(
          path,
          () -> {
            Storage.Objects.Delete delete = objects().delete(bucket, prefix + path);
            project.ifPresent(delete::setUserProject);
            delete.execute();
            return true;
          });
    } catch (ObjectMissingException e) {
      // Nothing to do.
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
