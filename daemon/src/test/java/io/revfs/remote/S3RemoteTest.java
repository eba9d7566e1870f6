package io.revfs.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.S3ProxyServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.services.s3.S3AsyncClient;

/** Against S3Proxy, which checks signatures. */
class S3RemoteTest extends RemoteContract {
  private static final AtomicInteger BUCKETS = new AtomicInteger();

  @TempDir static Path directory;
  private static S3ProxyServer server;
  private String bucket;

  @BeforeAll
  static void start() throws Exception {
    server = S3ProxyServer.start(directory);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void makeBucket() {
    bucket = "bucket" + BUCKETS.incrementAndGet();
    server.bucket(bucket);
  }

  @Override
  RemoteSettings settings() {
    return settings("s3://" + bucket + "/some/prefix", server.options());
  }

  @Override
  RemoteSettings wrongCredentials() {
    return settings(
        "s3://" + bucket + "/some/prefix", S3ProxyServer.options(server.endpoint(), "wr0ngsecret"));
  }

  /** A process that died left an upload behind, with a part of ours and one that is wrong. */
  @Test
  void uploadThatBrokeOff_goesOn() throws Exception {
    byte[] content = random(70_000_000);
    Path file = temporary.resolve("large");
    Files.write(file, content);
    String key = "some/prefix/large";
    try (S3AsyncClient s3 = server.client()) {
      String id = s3.createMultipartUpload(b -> b.bucket(bucket).key(key)).join().uploadId();
      part(s3, key, id, 1, java.util.Arrays.copyOf(content, 16 << 20));
      part(s3, key, id, 2, new byte[16 << 20]);
      AtomicLong first = new AtomicLong(-1);
      remote()
          .write(
              "large",
              new Upload(file, content.length, true, sent -> first.compareAndSet(-1, sent)));
      assertEquals(16 << 20, first.get(), "the part that is right is not sent again");
      assertTrue(s3.listMultipartUploads(b -> b.bucket(bucket)).join().uploads().isEmpty());
    }
    assertArrayEquals(content, read(remote(), "large", 0, content.length));
  }

  private void part(S3AsyncClient s3, String key, String id, int number, byte[] bytes) {
    s3.uploadPart(
            b -> b.bucket(bucket).key(key).uploadId(id).partNumber(number),
            AsyncRequestBody.fromBytes(bytes))
        .join();
  }
}
