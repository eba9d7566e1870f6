package io.revfs.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;

class WebdavContainerTest extends RemoteContainerContract {
  private static GenericContainer<?> container;

  @BeforeAll
  static void start() {
    container = container("nginx", 80);
  }

  @AfterAll
  static void stop() {
    container.stop();
  }

  @Override
  RemoteSettings settings() {
    return settings("webdav://" + at(container, 80) + "/dav/" + store, login("test"));
  }

  @Override
  RemoteSettings wrongCredentials() {
    return settings("webdav://" + at(container, 80) + "/dav/" + store, login("wr0ngsecret"));
  }

  @Test
  void plainHttpReadsTheSameFiles() throws Exception {
    put("files/md5/11/22", random(70_000));
    Remote http =
        open(settings("http://" + at(container, 80) + "/pub/" + store, Map.of())).remote();
    assertArrayEquals(random(70_000), read(http, "files/md5/11/22", 0, 70_000));
  }
}
