package io.revfs.remote;

import io.revfs.testing.server.S3ProxyServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.testcontainers.containers.GenericContainer;

class S3ContainerTest extends RemoteContainerContract {
  private static GenericContainer<?> container;

  @BeforeAll
  static void start() {
    container = container("s3proxy", 8080);
  }

  @AfterAll
  static void stop() {
    container.stop();
  }

  @BeforeEach
  void makeBucket() {
    S3ProxyServer.makeBucket(endpoint(), store);
  }

  private static String endpoint() {
    return "http://" + at(container, 8080);
  }

  @Override
  RemoteSettings settings() {
    return settings("s3://" + store, S3ProxyServer.options(endpoint(), "testsecret"));
  }

  @Override
  RemoteSettings wrongCredentials() {
    return settings("s3://" + store, S3ProxyServer.options(endpoint(), "wr0ngsecret"));
  }
}
