package io.revfs.testing.server;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;

/** A real S3 server that keeps versions: Ceph's gateway, in memory. */
public final class RadosGateway implements Closeable {
  private final ServerProcess process;
  private final int port;

  private RadosGateway(ServerProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts one below a directory. */
  public static RadosGateway start(Path directory) throws IOException {
    int port = ServerProcess.freePort();
    Path script = directory.resolve("radosgw.sh");
    try (InputStream in = RadosGateway.class.getResourceAsStream("/servers/radosgw.sh")) {
      Files.copy(in, script);
    }
    return new RadosGateway(
        ServerProcess.start(
            directory.resolve("radosgw.out"),
            port,
            List.of(
                "bash",
                script.toString(),
                directory.resolve("ceph").toString(),
                Integer.toString(port),
                Integer.toString(ServerProcess.freePort()))),
        port);
  }

  /** Returns its URL. */
  public String endpoint() {
    return "http://127.0.0.1:" + port;
  }

  /** Returns a client; the caller closes it. */
  public S3AsyncClient client() {
    return S3AsyncClient.builder()
        .endpointOverride(URI.create(endpoint()))
        .region(Region.US_EAST_1)
        .forcePathStyle(true)
        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("testkey", "testsecret")))
        .build();
  }

  @Override
  public void close() {
    process.close();
  }
}
