package io.revfs.testing.server;

import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;

/** An S3 server that checks signatures, over a directory: {@code files/BUCKET/key}. */
public final class S3ProxyServer implements Closeable {
  private static final String KEY = "testkey";
  private static final String SECRET = "testsecret";

  private final ServerProcess process;
  private final Path files;
  private final int port;

  private S3ProxyServer(ServerProcess process, Path files, int port) {
    this.process = process;
    this.files = files;
    this.port = port;
  }

  /** Starts one below a directory. */
  public static S3ProxyServer start(Path directory) throws IOException {
    int port = ServerProcess.freePort();
    Path files = Files.createDirectories(directory.resolve("files"));
    Path configuration = directory.resolve("s3proxy.conf");
    Files.write(
        configuration,
        List.of(
            "s3proxy.endpoint=http://127.0.0.1:" + port,
            "s3proxy.authorization=aws-v2-or-v4",
            "s3proxy.identity=" + KEY,
            "s3proxy.credential=" + SECRET,
            "s3proxy.ignore-unknown-headers=true",
            "s3proxy.v4-max-non-chunked-request-size=134217728",
            "jclouds.provider=filesystem-nio2",
            "jclouds.identity=x",
            "jclouds.credential=x",
            "jclouds.filesystem.basedir=" + files));
    ServerProcess process =
        ServerProcess.start(
            directory.resolve("s3proxy.log"),
            port,
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                Path.of("target/test-servers/s3proxy.jar").toAbsolutePath().toString(),
                "--properties",
                configuration.toString()));
    return new S3ProxyServer(process, files, port);
  }

  /** Returns the URL of the server. */
  public String endpoint() {
    return "http://127.0.0.1:" + port;
  }

  /** Returns DVC's options for a remote on it. */
  public Map<String, String> options() {
    return options(endpoint(), SECRET);
  }

  /** Returns DVC's options for a remote on such a server somewhere. */
  public static Map<String, String> options(String endpoint, String secret) {
    return Map.of("endpointurl", endpoint, "access_key_id", KEY, "secret_access_key", secret);
  }

  /** Makes a bucket; returns its directory, whose files are its objects. */
  public Path bucket(String name) {
    makeBucket(endpoint(), name);
    return files.resolve(name);
  }

  /** Makes a bucket on such a server somewhere. */
  public static void makeBucket(String endpoint, String name) {
    try (S3AsyncClient s3 = client(endpoint)) {
      s3.createBucket(b -> b.bucket(name)).join();
    }
  }

  /** Returns a client of the server; the caller closes it. */
  public S3AsyncClient client() {
    return client(endpoint());
  }

  private static S3AsyncClient client(String endpoint) {
    return S3AsyncClient.builder()
        .endpointOverride(URI.create(endpoint))
        .region(Region.US_EAST_1)
        .forcePathStyle(true)
        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY, SECRET)))
        .build();
  }

  @Override
  public void close() {
    process.close();
  }
}
