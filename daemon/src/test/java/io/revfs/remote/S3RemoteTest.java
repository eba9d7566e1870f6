package io.revfs.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.Headers;
import io.revfs.testing.server.HttpTestServer;
import io.revfs.testing.server.S3ProxyServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.services.s3.S3AsyncClient;

/** Against S3Proxy. */
class S3RemoteTest extends S3ProxyContract {
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

  @Test
  void encryptionAndGrants_travelWithRequests() throws Exception {
    String key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    Map<String, String> options = new HashMap<>(server.options());
    options.put("sse", "aws:kms");
    options.put("sse_kms_key_id", "key7");
    options.put("sse_customer_key", key);
    options.put("acl", "bucket-owner-full-control");
    options.put("grant_read", "id=reader");
    Map<String, Headers> seen = new ConcurrentHashMap<>();
    try (HttpTestServer recorder = HttpTestServer.start(temporary)) {
      recorder.gate(
          (method, uri, headers) -> {
            seen.put(method, headers);
            return "";
          });
      options.put("endpointurl", recorder.url());
      Path file = Files.write(temporary.resolve("w"), random(10));
      Remote remote = open(settings("s3://bucket", options)).remote();
      remote.write("dir/w", Upload.of(file));
      assertArrayEquals(random(10), read(remote, "dir/w", 0, 10));
    }
    Headers put = seen.get("PUT");
    assertEquals("aws:kms", put.getFirst("x-amz-server-side-encryption"));
    assertEquals("key7", put.getFirst("x-amz-server-side-encryption-aws-kms-key-id"));
    assertEquals("bucket-owner-full-control", put.getFirst("x-amz-acl"));
    assertEquals("id=reader", put.getFirst("x-amz-grant-read"));
    for (Headers headers : List.of(put, seen.get("GET"))) {
      assertEquals(key, headers.getFirst("x-amz-server-side-encryption-customer-key"));
      assertEquals("AES256", headers.getFirst("x-amz-server-side-encryption-customer-algorithm"));
      String signed = headers.getFirst("Authorization");
      assertTrue(signed.contains("x-amz-server-side-encryption-customer-key-md5"), signed);
    }
    assertNull(seen.get("GET").getFirst("x-amz-acl"));
  }

  @Test
  void grants_areSigned() throws Exception {
    Map<String, String> options = new HashMap<>(server.options());
    options.put("acl", "private");
    options.put("grant_full_control", "id=a");
    Path file = Files.write(temporary.resolve("w"), random(10));
    Remote remote = open(settings("s3://" + bucket, options)).remote();
    remote.write("w", Upload.of(file));
    assertArrayEquals(random(10), read(remote, "w", 0, 10));
  }

  private void part(S3AsyncClient s3, String key, String id, int number, byte[] bytes) {
    s3.uploadPart(
            b -> b.bucket(bucket).key(key).uploadId(id).partNumber(number),
            AsyncRequestBody.fromBytes(bytes))
        .join();
  }
}
