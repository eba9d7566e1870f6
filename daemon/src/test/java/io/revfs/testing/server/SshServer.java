package io.revfs.testing.server;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** A real sshd with SFTP, for the user who runs the tests, with a key made for it. */
public final class SshServer implements Closeable {
  private final ServerProcess process;
  private final Path key;
  private final Path authorized;
  private final int port;

  private SshServer(ServerProcess process, Path key, Path authorized, int port) {
    this.process = process;
    this.key = key;
    this.authorized = authorized;
    this.port = port;
  }

  /** Starts one below a directory. */
  public static SshServer start(Path directory) throws IOException {
    int port = ServerProcess.freePort();
    Path host = directory.resolve("host");
    Path key = directory.resolve("user");
    keygen(host, "");
    keygen(key, "");
    Path authorized = directory.resolve("authorized");
    Files.copy(Path.of(key + ".pub"), authorized);
    Files.createDirectories(Path.of("/run/sshd")); // Debian's sshd insists
    ServerProcess process =
        ServerProcess.start(
            directory.resolve("sshd.log"),
            port,
            List.of(
                "/usr/sbin/sshd",
                "-D",
                "-e",
                "-f",
                "/dev/null",
                "-h",
                host.toString(),
                "-p",
                Integer.toString(port),
                "-o",
                "ListenAddress=127.0.0.1",
                "-o",
                "AuthorizedKeysFile=" + authorized,
                "-o",
                "StrictModes=no",
                "-o",
                "PermitRootLogin=yes",
                "-o",
                "UsePAM=no",
                "-o",
                "PidFile=none",
                "-o",
                "MaxStartups=200",
                "-o",
                "Subsystem=sftp internal-sftp"));
    return new SshServer(process, key, authorized, port);
  }

  /** Makes a key that is let in, too. */
  public void addKey(Path file, String passphrase) throws IOException {
    keygen(file, passphrase);
    Files.writeString(
        authorized, Files.readString(Path.of(file + ".pub")), StandardOpenOption.APPEND);
  }

  private static void keygen(Path file, String passphrase) throws IOException {
    Process process =
        new ProcessBuilder(
                "ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", file.toString())
            .inheritIO()
            .start();
    try {
      if (process.waitFor() != 0) {
        throw new IOException("ssh-keygen fails");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** Ends all connections. */
  public void dropConnections() {
    process.killChildren();
  }

  /** Returns the private key's file. */
  public Path key() {
    return key;
  }

  /** Returns the port it listens on. */
  public int port() {
    return port;
  }

  /** Returns the URL of a directory on it. */
  public String url(Path directory) {
    return "ssh://" + System.getProperty("user.name") + "@127.0.0.1:" + port + directory;
  }

  @Override
  public void close() {
    process.close();
  }
}
