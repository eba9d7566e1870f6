package io.revfs.remote;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** The same contract against servers in containers; {@code scripts/test --with-docker} runs it. */
@Tag("docker")
abstract class RemoteContainerContract extends RemoteContract {
  static final AtomicInteger STORES = new AtomicInteger();
  final String store = "store" + STORES.incrementAndGet();

  static GenericContainer<?> container(String command, int port) {
    String image = System.getenv("REVFS_TEST_IMAGE");
    if (image == null) {
      throw new IllegalStateException("run scripts/test --with-docker, which makes the image");
    }
    GenericContainer<?> container =
        new GenericContainer<>(DockerImageName.parse(image))
            .withImagePullPolicy(name -> false)
            .withCommand(command)
            .withExposedPorts(port)
            .waitingFor(Wait.forListeningPort())
            .withStartupTimeout(Duration.ofSeconds(90));
    if (command.equals("s3proxy")) {
      container
          .withFileSystemBind(System.getProperty("java.home"), "/jdk", BindMode.READ_ONLY)
          .withFileSystemBind(
              Path.of("target/test-servers/s3proxy.jar").toAbsolutePath().toString(),
              "/s3proxy.jar",
              BindMode.READ_ONLY);
    }
    container.start();
    return container;
  }

  static String at(GenericContainer<?> container, int port) {
    return container.getHost() + ":" + container.getMappedPort(port);
  }

  static Map<String, String> login(String password) {
    return Map.of("user", "test", "password", password);
  }
}
