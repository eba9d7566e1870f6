package io.revfs.testing.server;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server as a child process, which dies with the tests however they end. */
public final class ServerProcess implements Closeable {
  private static final int START_SECONDS = 60;

  private final Process process;

  private ServerProcess(Process process) {
    this.process = process;
  }

  /** Returns a TCP port that nobody listens on. */
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Starts a command and waits until the port answers. Its output goes to a file. */
  public static ServerProcess start(Path log, int port, List<String> command) throws IOException {
    List<String> words = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL"));
    words.addAll(command);
    Process process =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .start();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
        return new ServerProcess(process);
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          process.destroyForcibly();
          throw new IOException(
              command.getFirst()
                  + " does not serve (scripts/test installs what the tests need): "
                  + Files.readString(log),
              e);
        }
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        process.destroyForcibly();
        throw new IOException(e);
      }
    }
  }

  /** Kills the processes that it has started, for instance one for each connection. */
  public void killChildren() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
  }

  /** Returns the process id. */
  public long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
