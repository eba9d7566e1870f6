package io.revfs.remote.azure;

import com.azure.core.util.Context;
import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobProperties;
import com.azure.storage.blob.models.BlobRange;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.models.DownloadRetryOptions;
import com.azure.storage.blob.models.ListBlobsOptions;
import com.azure.storage.blob.specialized.BlockBlobClient;
import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectMissingException;
import io.revfs.remote.BucketUrl;
import io.revfs.remote.ConfiguredRemote;
import io.revfs.remote.Listing;
import io.revfs.remote.Redaction;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.Upload;
import io.revfs.remote.parts.Delivery;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Azure Blob Storage through Azure's client. The URL is {@code azure://CONTAINER/PATH}. */
public final class AzureRemote extends ConfiguredRemote {
  private static final int PAGE_KEYS = 5000;
  private static final int NOT_FOUND = 404;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERROR = 500;

  private final String prefix;
  private final Duration timeout;
  private final BlobContainerClient container;
  private final AzureUploads uploads;

  public AzureRemote(RemoteSettings settings) throws IOException {
    super(settings);
    BucketUrl place = BucketUrl.of(settings);
    this.prefix = place.prefix();
    this.timeout = settings.seconds("timeout", settings.limits().readTimeout());
    this.container = AzureClients.open(settings, place.bucket());
    this.uploads = new AzureUploads(Math.min(8, settings.limits().connections()));
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.LIST, Capability.WRITE, Capability.DELETE, Capability.VERSIONS);
  }

  @Override
  public Listing listing() {
    return new Listing(PAGE_KEYS, false);
  }

  @FunctionalInterface
  private interface Call<T> {
    T run() throws IOException;
  }

  private <T> T with(String key, Call<T> call) throws IOException {
    try {
      return call.run();
    } catch (BlobStorageException e) {
      throw translate(key, e);
    } catch (RuntimeException e) {
      throw translate(e);
    }
  }

  private BlobClient blob(RemoteKey key) {
    BlobClient blob = container.getBlobClient(prefix + key.path());
    return key.version().map(blob::getVersionClient).orElse(blob);
  }

  private IOException translate(String key, BlobStorageException e) {
    int status = e.getStatusCode();
    String code = String.valueOf(e.getErrorCode());
    if (code.equals("ContainerNotFound")) {
      return lasting("the container does not exist", e);
    }
    if (status == NOT_FOUND) {
      return new ObjectMissingException(key, where());
    }
    if (status == 401 || status == 403) {
      return lasting(
          "access denied (HTTP %d %s); check connection_string, account_key, sas_token or the login"
              .formatted(status, code),
          e);
    }
    boolean isTransient = status >= SERVER_ERROR || status == TOO_MANY_REQUESTS || status == 408;
    return unreachable("HTTP " + status + " " + code, isTransient, e);
  }

  /** Azure's client wraps what happens below it in runtime exceptions. */
  private IOException translate(RuntimeException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof Delivery.TakerFailedException taker) {
        return taker.failure();
      }
      if (cause instanceof InterruptedException || cause instanceof InterruptedIOException) {
        Thread.currentThread().interrupt();
      }
    }
    if (Thread.currentThread().isInterrupted()) {
      return interrupted();
    }
    boolean login = e.getClass().getName().startsWith("com.azure.identity");
    return unreachable(firstLine(Redaction.message(e)), !login, e);
  }

  private static String firstLine(String text) {
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end).strip();
  }

  @Override
  public RemoteObject stat(RemoteKey key) throws IOException {
    return with(
        key.path(),
        () -> {
          BlobProperties found =
              blob(key).getPropertiesWithResponse(null, timeout, Context.NONE).getValue();
          return new RemoteObject(
              key.path(),
              found.getBlobSize(),
              Optional.ofNullable(found.getETag()).map(RemoteObject::unquoted),
              Optional.ofNullable(found.getVersionId()));
        });
  }

  @Override
  public void read(RemoteKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    if (length == 0) {
      return;
    }
    with(
        key.path(),
        () -> {
          long had = download(key, new BlobRange(offset, length), consumer);
          if (had != length) {
            throw brokeOff(key, length - had);
          }
          return true;
        });
  }

  @Override
  public long readAll(RemoteKey key, ByteConsumer consumer) throws IOException {
    return with(
        key.path(),
        () -> {
          return download(key, null, consumer);
        });
  }

  private long download(RemoteKey key, @Nullable BlobRange range, ByteConsumer consumer) {
    Taker taker = new Taker(consumer);
    DownloadRetryOptions once = new DownloadRetryOptions().setMaxRetryRequests(0);
    blob(key).downloadStreamWithResponse(taker, range, once, null, false, null, Context.NONE);
    return taker.had;
  }

  /** Passes bytes on. */
  private static final class Taker extends OutputStream {
    private final ByteConsumer consumer;
    private long had;

    Taker(ByteConsumer consumer) {
      this.consumer = consumer;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      Delivery.give(consumer, ByteBuffer.wrap(bytes, offset, length));
      had += length;
    }
  }

  @Override
  public void list(String under, ListSink sink) throws IOException {
    with(
        under,
        () -> {
          for (BlobItem found :
              container.listBlobs(new ListBlobsOptions().setPrefix(prefix + under), timeout)) {
            if (found.getName().startsWith(prefix)
                && !Boolean.TRUE.equals(found.isPrefix())
                && !sink.accept(object(found))) {
              break;
            }
          }
          return true;
        });
  }

  private RemoteObject object(BlobItem found) {
    @Nullable Long size = found.getProperties().getContentLength();
    return new RemoteObject(
        found.getName().substring(prefix.length()),
        size == null ? 0 : size,
        Optional.ofNullable(found.getProperties().getETag()).map(RemoteObject::unquoted),
        Optional.ofNullable(found.getVersionId()),
        Optional.ofNullable(found.getProperties().getLastModified())
            .map(OffsetDateTime::toInstant));
  }

  @Override
  public RemoteObject write(String path, Upload upload) throws IOException {
    return with(
        path,
        () -> {
          BlockBlobClient blob = container.getBlobClient(prefix + path).getBlockBlobClient();
          return uploads.store(blob, path, upload);
        });
  }

  @Override
  public void delete(String path) throws IOException {
    try {
      with(
          path,
          () -> {
            container.getBlobClient(prefix + path).delete();
            return true;
          });
    } catch (ObjectMissingException e) {
      // Nothing to do.
    }
  }

  @Override
  public void close() {
    // The client has nothing to close: its connections end when they have been idle.
  }
}
