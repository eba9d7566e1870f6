package io.revfs.remote.s3;

import io.revfs.object.ObjectMissingException;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.Upload;
import io.revfs.remote.parts.FilePart;
import io.revfs.remote.parts.PartQueue;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.FileRequestBodyConfiguration;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.ListPartsResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;

/**
 * Writes to S3, which shows an object only once it is whole. Small ones go in one request; large
 * ones in parts, several at once. An upload that broke off, here or in a process that died, is
 * found again by its key: parts that the store has with the right length and MD5 are not sent
 * again. Other uploads of the key that are more than a day old are aborted, since the store keeps
 * (and bills) their parts for ever.
 */
final class S3Uploads {
  private static final Logger log = LoggerFactory.getLogger(S3Uploads.class);
  private static final long PART_BYTES = 16L << 20;
  private static final long MULTIPART_BYTES = 64L << 20;
  private static final int MOST_PARTS = 9_000; // S3 allows 10,000
  private static final Duration STALE = Duration.ofDays(1);

  private final S3AsyncClient client;
  private final S3Calls calls;
  private final S3Extras extras;
  private final String bucket;
  private final int partsAtOnce;

  /** What S3 said of a stored object. */
  record Stored(Optional<String> etag, Optional<String> version) {}

  S3Uploads(S3AsyncClient client, S3Calls calls, S3Extras extras, String bucket, int partsAtOnce) {
    this.client = client;
    this.calls = calls;
    this.extras = extras;
    this.bucket = bucket;
    this.partsAtOnce = partsAtOnce;
  }

  Stored store(String key, Upload upload) throws IOException {
    return upload.size() <= MULTIPART_BYTES ? put(key, upload) : multipart(key, upload);
  }

  private Stored put(String key, Upload upload) throws IOException {
    AsyncRequestBody body;
    if (upload.isSmall()) {
      // Held whole: a file channel for each small object costs more than the object.
      byte[] bytes = Files.readAllBytes(upload.content());
      if (bytes.length != upload.size()) {
        throw new IOException(upload.content() + " changes while it is uploaded");
      }
      body = bytes.length == 0 ? AsyncRequestBody.empty() : AsyncRequestBody.fromBytesUnsafe(bytes);
    } else {
      body = AsyncRequestBody.fromFile(upload.content());
    }
    PutObjectResponse answer =
        calls.awaitUpload(
            key,
            client.putObject(
                b -> {
                  b.bucket(bucket).key(key).contentLength(upload.size());
                  extras.onBegin(b);
                },
                body),
            upload.size());
    upload.sent().accept(upload.size());
    return new Stored(
        Optional.ofNullable(answer.eTag()).map(RemoteObject::unquoted),
        Optional.ofNullable(answer.versionId()));
  }

  private Stored multipart(String key, Upload upload) throws IOException {
    long partBytes = FilePart.length(upload.size(), PART_BYTES, MOST_PARTS);
    List<FilePart> parts = FilePart.of(upload.content(), upload.size(), partBytes);
    String id = begunUpload(key);
    Map<Integer, String> tags = new ConcurrentHashMap<>(present(key, id, parts));
    try {
      PartQueue.run(
          parts,
          part -> tags.containsKey(part.number()),
          partsAtOnce,
          upload.sent(),
          part -> tags.put(part.number(), send(key, id, part)));
      return complete(key, id, parts, tags);
    } catch (ObjectMissingException e) {
      // Another writer of the same content completed or aborted the upload under our hands.
      throw calls.unreachable("the upload of " + key + " was ended by another writer", true, e);
    }
  }

  private String send(String key, String id, FilePart part) throws IOException {
    return calls
        .awaitUpload(
            key,
            client.uploadPart(
                b -> {
                  b.bucket(bucket)
                      .key(key)
                      .uploadId(id)
                      .partNumber(part.number())
                      .contentLength(part.length());
                  extras.onUse(b);
                },
                AsyncRequestBody.fromFile(
                    FileRequestBodyConfiguration.builder()
                        .path(part.file())
                        .position(part.offset())
                        .numBytesToRead(part.length())
                        .chunkSizeInBytes(256 << 10)
                        .build())),
            part.length())
        .eTag();
  }

  private Stored complete(String key, String id, List<FilePart> parts, Map<Integer, String> tags)
      throws IOException {
    List<CompletedPart> completed = new ArrayList<>();
    for (FilePart part : parts) {
      completed.add(
          CompletedPart.builder().partNumber(part.number()).eTag(tags.get(part.number())).build());
    }
    long size = parts.getLast().offset() + parts.getLast().length();
    CompleteMultipartUploadResponse answer =
        calls.awaitUpload( // the store may copy the parts together before it answers
            key,
            client.completeMultipartUpload(
                b ->
                    b.bucket(bucket)
                        .key(key)
                        .uploadId(id)
                        .multipartUpload(m -> m.parts(completed))),
            size);
    return new Stored(
        Optional.ofNullable(answer.eTag()).map(RemoteObject::unquoted),
        Optional.ofNullable(answer.versionId()));
  }

  /** Returns the newest upload of the key that was begun and not ended, or a new one. */
  private String begunUpload(String key) throws IOException {
    List<MultipartUpload> begun = new ArrayList<>();
    for (MultipartUpload upload :
        calls
            .await(key, client.listMultipartUploads(b -> b.bucket(bucket).prefix(key)))
            .uploads()) {
      if (upload.key().equals(key)) {
        begun.add(upload);
      }
    }
    begun.sort(Comparator.comparing(S3Uploads::begunAt).reversed());
    for (MultipartUpload old : begun.stream().skip(1).toList()) {
      if (begunAt(old).isBefore(Instant.now().minus(STALE))) {
        log.info("aborting an upload of {} begun at {}", key, old.initiated());
        calls.await(
            key,
            client.abortMultipartUpload(b -> b.bucket(bucket).key(key).uploadId(old.uploadId())));
      }
    }
    if (!begun.isEmpty()) {
      return begun.getFirst().uploadId();
    }
    return calls
        .await(
            key,
            client.createMultipartUpload(
                b -> {
                  b.bucket(bucket).key(key);
                  extras.onBegin(b);
                }))
        .uploadId();
  }

  private static Instant begunAt(MultipartUpload upload) {
    return upload.initiated() == null ? Instant.EPOCH : upload.initiated();
  }

  /** Returns the tags of those of our parts that the store has already, by number. */
  private Map<Integer, String> present(String key, String id, List<FilePart> parts)
      throws IOException {
    Map<Integer, String> tags = new HashMap<>();
    @Nullable Integer marker = null;
    while (true) {
      Integer after = marker;
      ListPartsResponse page =
          calls.await(
              key,
              client.listParts(
                  b -> b.bucket(bucket).key(key).uploadId(id).partNumberMarker(after)));
      for (Part there : page.parts()) {
        int index = there.partNumber() - 1;
        if (index < parts.size()
            && there.size() == parts.get(index).length()
            && parts.get(index).md5().equals(RemoteObject.unquoted(there.eTag()))) {
          tags.put(there.partNumber(), there.eTag());
        }
      }
      if (!Boolean.TRUE.equals(page.isTruncated()) || page.parts().isEmpty()) {
        return tags;
      }
      marker = page.nextPartNumberMarker();
    }
  }
}
