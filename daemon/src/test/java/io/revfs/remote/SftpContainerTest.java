package io.revfs.remote;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.testcontainers.containers.GenericContainer;

class SftpContainerTest extends RemoteContainerContract {
  private static GenericContainer<?> container;

  @BeforeAll
  static void start() {
    container = container("sshd", 22);
  }

  @AfterAll
  static void stop() {
    container.stop();
  }

  @Override
  RemoteSettings settings() {
    return settings("ssh://" + at(container, 22) + "/home/test/" + store, login("test"));
  }

  @Override
  RemoteSettings wrongCredentials() {
    return settings("ssh://" + at(container, 22) + "/home/test/" + store, login("wr0ngsecret"));
  }
}
