package io.revfs.command.transfer;

import io.revfs.testing.server.FakeAzureServer;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A cloud-versioned remote on a store whose versions are Azure's, named by times. */
class AzureVersionsTest extends StoreVersionsContract {
  private FakeAzureServer server;

  @BeforeEach
  void make() throws IOException {
    server = FakeAzureServer.start();
    make("azure://container/data", Map.of("connection_string", server.connectionString("right")));
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Override
  String first() {
    return "2026-01-02T03:04:05.0000001Z";
  }

  @Override
  String changed() {
    return "2026-01-02T03:04:05.0000002Z";
  }
}
