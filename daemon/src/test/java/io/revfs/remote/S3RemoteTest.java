package io.revfs.remote;

import io.revfs.testing.S3ProxyServer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

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
}
