package io.revfs.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.S3ProxyServer;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Alibaba's object storage by its interface for S3, against S3Proxy, which checks signatures: there
 * is no server of Alibaba's to run.
 */
class OssRemoteTest extends RemoteContract {
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

  private static Map<String, String> options(String secret) {
    return Map.of(
        "oss_endpoint", server.endpoint(), "oss_key_id", "testkey", "oss_key_secret", secret);
  }

  @Override
  RemoteSettings settings() {
    return settings("oss://" + bucket + "/some/prefix", options("testsecret"));
  }

  @Override
  RemoteSettings wrongCredentials() {
    return settings("oss://" + bucket + "/some/prefix", options("wr0ngsecret"));
  }

  @Test
  void credentialsOfTheEnvironment() throws Exception {
    put("x", random(9));
    RemoteSettings settings =
        new RemoteSettings(
            "store",
            "oss://" + bucket + "/some/prefix",
            Map.of(),
            LIMITS,
            Map.of(
                "OSS_ENDPOINT", server.endpoint(),
                "OSS_ACCESS_KEY_ID", "testkey",
                "OSS_ACCESS_KEY_SECRET", "testsecret"));
    assertArrayEquals(random(9), read(open(settings).remote(), "x", 0, 9));
  }

  @Test
  void noEndpoint_orHalfOfAKey_isSaid() {
    RemoteConfigurationException none =
        assertThrows(
            RemoteConfigurationException.class,
            () -> open(settings("oss://" + bucket, Map.of("oss_key_id", "a"))));
    assertTrue(none.getMessage().contains("oss_endpoint"), none.getMessage());
    RemoteConfigurationException half =
        assertThrows(
            RemoteConfigurationException.class,
            () ->
                open(
                    settings(
                        "oss://" + bucket,
                        Map.of("oss_endpoint", server.endpoint(), "oss_key_id", "a"))));
    assertTrue(half.getMessage().contains("oss_key_secret"), half.getMessage());
  }
}
