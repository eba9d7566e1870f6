package io.revfs.remote;

import io.revfs.testing.server.S3ProxyServer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Remotes in a bucket of S3Proxy's, which checks signatures; a bucket for each test. */
abstract class S3ProxyContract extends RemoteContract {
  private static final AtomicInteger BUCKETS = new AtomicInteger();

  @TempDir static Path directory;
  static S3ProxyServer server;
  String bucket;

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
}
