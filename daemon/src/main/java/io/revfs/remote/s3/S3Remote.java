package io.revfs.remote.s3;

import io.revfs.object.ByteConsumer;
import io.revfs.remote.BucketUrl;
import io.revfs.remote.ConfiguredRemote;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.Upload;
import io.revfs.remote.parts.Delivery;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Error;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * S3 and what speaks its protocol, through the AWS SDK's asynchronous client on Netty. The calling
 * thread takes the bytes, so a slow reader slows the connection down instead of filling memory.
 */
public final class S3Remote extends ConfiguredRemote {
  private static final int SMALL_BYTES = 512 << 10;
  private static final int MOST_DELETES = 1000; // of one request, says S3

  private final String bucket;
  private final String prefix;
  private final S3Extras extras;
  private final S3AsyncClient client;
  private final S3Calls calls;
  private final S3Uploads uploads;

  public S3Remote(RemoteSettings settings) throws IOException {
    this(settings, S3Clients.Style.AMAZON);
  }

  /** Returns a remote in Alibaba's object storage ({@code oss://}), by its interface for S3. */
  public static S3Remote ofAlibaba(RemoteSettings settings) throws IOException {
    return new S3Remote(AlibabaOptions.translate(settings), S3Clients.Style.ALIBABA);
  }

  private S3Remote(RemoteSettings settings, S3Clients.Style style) throws IOException {
    super(settings);
    BucketUrl place = BucketUrl.of(settings);
    this.bucket = place.bucket();
    this.prefix = place.prefix();
    this.extras = new S3Extras(settings);
    this.calls = new S3Calls(settings);
    this.client = S3Clients.open(settings, style);
    this.uploads =
        new S3Uploads(client, calls, extras, bucket, Math.min(8, settings.limits().connections()));
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.LIST, Capability.WRITE, Capability.DELETE, Capability.VERSIONS);
  }

  @Override
  public RemoteObject stat(RemoteKey key) throws IOException {
    HeadObjectResponse head =
        calls.await(
            key.path(),
            client.headObject(
                b -> {
                  b.bucket(bucket).key(prefix + key.path());
                  key.version().ifPresent(b::versionId);
                  extras.onUse(b);
                }));
    return new RemoteObject(
        key.path(),
        head.contentLength(),
        Optional.ofNullable(head.eTag()).map(RemoteObject::unquoted),
        Optional.ofNullable(head.versionId()));
  }

  @Override
  public void read(RemoteKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    if (length == 0) {
      return;
    }
    GetObjectRequest.Builder request =
        GetObjectRequest.builder()
            .bucket(bucket)
            .key(prefix + key.path())
            .range("bytes=" + offset + "-" + (offset + length - 1));
    key.version().ifPresent(request::versionId);
    extras.onUse(request);
    if (length <= SMALL_BYTES) {
      // In one piece: handing over each packet costs more than the packet.
      ByteBuffer bytes =
          calls
              .await(
                  key.path(), client.getObject(request.build(), AsyncResponseTransformer.toBytes()))
              .asByteBuffer();
      if (bytes.remaining() != length) {
        throw brokeOff(key, length - bytes.remaining());
      }
      consumer.accept(bytes);
      return;
    }
    S3Body body = new S3Body();
    CompletableFuture<GetObjectResponse> answer = client.getObject(request.build(), body);
    boolean whole = false;
    try {
      for (long left = length; left > 0; ) {
        ByteBuffer piece = calls.next(key.path(), body);
        if (piece == null || piece.remaining() > left) {
          throw brokeOff(key, left);
        }
        left -= piece.remaining();
        consumer.accept(piece);
      }
      whole = true;
    } finally {
      if (!whole) {
        body.cancel();
        answer.cancel(true);
      }
    }
  }

  private long pass(
      ResponseInputStream<GetObjectResponse> in, RemoteKey key, long length, ByteConsumer consumer)
      throws IOException {
    boolean whole = false;
    try {
      long missing = Delivery.pass(in, length, consumer);
      if (missing > 0) {
        throw brokeOff(key, missing);
      }
      whole = true;
      return length;
    } catch (Delivery.TakerFailedException e) {
      throw e.failure();
    } catch (SdkClientException | S3Exception | CompletionException e) {
      throw calls.translate(key.path(), e);
    } finally {
      if (whole) {
        in.close();
      } else {
        in.abort();
      }
    }
  }

  @Override
  public long readAll(RemoteKey key, ByteConsumer consumer) throws IOException {
    GetObjectRequest.Builder request =
        GetObjectRequest.builder().bucket(bucket).key(prefix + key.path());
    key.version().ifPresent(request::versionId);
    extras.onUse(request);
    WholeObject body =
        calls.await(key.path(), client.getObject(request.build(), new WholeObject.Transformer()));
    if (body.bytes() != null) {
      consumer.accept(ByteBuffer.wrap(body.bytes()));
      return body.bytes().length;
    }
    return pass(body.stream(), key, body.size(), consumer);
  }

  @Override
  public void list(String under, ListSink sink) throws IOException {
    @Nullable String token = null;
    do {
      String continuation = token;
      ListObjectsV2Response page =
          calls.await(
              under,
              client.listObjectsV2(
                  b -> b.bucket(bucket).prefix(prefix + under).continuationToken(continuation)));
      for (S3Object object : page.contents()) {
        if (!object.key().startsWith(prefix)) {
          continue;
        }
        boolean more =
            sink.accept(
                new RemoteObject(
                    object.key().substring(prefix.length()),
                    object.size(),
                    Optional.ofNullable(object.eTag()).map(RemoteObject::unquoted),
                    Optional.empty(),
                    Optional.ofNullable(object.lastModified())));
        if (!more) {
          return;
        }
      }
      token = Boolean.TRUE.equals(page.isTruncated()) ? page.nextContinuationToken() : null;
    } while (token != null);
  }

  @Override
  public RemoteObject write(String path, Upload upload) throws IOException {
    S3Uploads.Stored stored = uploads.store(prefix + path, upload);
    return new RemoteObject(path, upload.size(), stored.etag(), stored.version());
  }

  @Override
  public void delete(String path) throws IOException {
    calls.await(path, client.deleteObject(b -> b.bucket(bucket).key(prefix + path)));
  }

  @Override
  public void deleteAll(Collection<String> paths) throws IOException {
    List<ObjectIdentifier> keys = new ArrayList<>();
    for (String path : paths) {
      keys.add(ObjectIdentifier.builder().key(prefix + path).build());
    }
    for (int i = 0; i < keys.size(); i += MOST_DELETES) {
      List<ObjectIdentifier> some = keys.subList(i, Math.min(keys.size(), i + MOST_DELETES));
      DeleteObjectsResponse answer =
          calls.await(
              "a batch of deletions",
              client.deleteObjects(b -> b.bucket(bucket).delete(d -> d.objects(some).quiet(true))));
      if (!answer.errors().isEmpty()) {
        S3Error first = answer.errors().getFirst();
        throw calls.unreachable(
            "%d objects were not deleted, the first %s: %s %s"
                .formatted(answer.errors().size(), first.key(), first.code(), first.message()),
            false,
            null);
      }
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
