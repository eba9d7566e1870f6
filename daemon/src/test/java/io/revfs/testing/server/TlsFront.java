package io.revfs.testing.server;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS in front of a server of this machine, with a certificate for 127.0.0.1 that nobody signed but
 * itself, and a client's certificate beside it, both made by keytool.
 */
public final class TlsFront implements Closeable {
  private static final String PASSWORD = "changeit";

  private final Path directory;
  private final SSLServerSocket listener;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private TlsFront(Path directory, SSLServerSocket listener) {
    this.directory = directory;
    this.listener = listener;
  }

  /**
   * Starts one.
   *
   * @param directory for its files
   * @param port where the server listens
   * @param askClient whether clients need {@link #clientCertificate}
   */
  public static TlsFront start(Path directory, int port, boolean askClient)
      throws IOException, GeneralSecurityException {
    KeyStore server = make(directory, "server");
    KeyStore client = make(directory, "client");
    Files.writeString(
        directory.resolve("client.key"),
        pem("PRIVATE KEY", client.getKey("client", PASSWORD.toCharArray()).getEncoded()));
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(server, PASSWORD.toCharArray());
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    trusted.setCertificateEntry("client", client.getCertificate("client"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    SSLServerSocket listener =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 100, InetAddress.getLoopbackAddress());
    listener.setNeedClientAuth(askClient);
    TlsFront front = new TlsFront(directory, listener);
    front.threads.submit(() -> front.accept(port));
    return front;
  }

  private static KeyStore make(Path directory, String name)
      throws IOException, GeneralSecurityException {
    Path file = directory.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    name,
                    "-keyalg",
                    "EC",
                    "-dname",
                    "CN=" + name,
                    "-ext",
                    "san=ip:127.0.0.1",
                    "-storetype",
                    "PKCS12",
                    "-keystore",
                    file.toString(),
                    "-storepass",
                    PASSWORD))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("keytool.log").toFile())
            .start();
    try {
      if (keytool.waitFor() != 0) {
        throw new IOException(Files.readString(directory.resolve("keytool.log")));
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
    Files.writeString(
        directory.resolve(name + ".pem"),
        pem("CERTIFICATE", store.getCertificate(name).getEncoded()));
    return store;
  }

  private static String pem(String what, byte[] der) {
    String text =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
  }

  private boolean accept(int port) throws IOException {
    while (true) {
      Socket client = listener.accept();
      threads.submit(
          () -> {
            try (client;
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
              threads.submit(() -> pump(server, client));
              return pump(client, server);
            }
          });
    }
  }

  private static boolean pump(Socket from, Socket to) throws IOException {
    try (to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[64 << 10];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
        out.flush();
      }
      return true;
    }
  }

  /** Returns where it listens: address and port. */
  public String address() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  /** Returns the file of the server's certificate. */
  public Path certificate() {
    return directory.resolve("server.pem");
  }

  /** Returns the file of the certificate of a client that may come in. */
  public Path clientCertificate() {
    return directory.resolve("client.pem");
  }

  /** Returns the file of the client's key. */
  public Path clientKey() {
    return directory.resolve("client.key");
  }

  @Override
  public void close() throws IOException {
    listener.close();
    threads.shutdownNow();
  }
}
