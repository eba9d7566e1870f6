package io.revfs.remote;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.scheme.Remotes;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Servers that keep a request waiting with all their might. */
class DeadlineRemoteTest {
  private enum Server {
    SILENT(""),
    HEADERS("HTTP/1.1 200 OK\r\nX-Long: "),
    BODY(
        "HTTP/1.1 206 Partial Content\r\nContent-Length: 100000\r\n"
            + "Content-Range: bytes 0-99999/100000\r\n\r\n");

    private final String head;

    Server(String head) {
      this.head = head;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aServerThatTrickles_isGivenUp(Server how) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> serve(server, how, over));
      RemoteSettings settings =
          new RemoteSettings(
              "slow",
              "http://127.0.0.1:" + server.getLocalPort() + "/data",
              Map.of(),
              new RemoteLimits(4, Duration.ofMillis(500), Duration.ofMillis(500), 0));
      try (OpenRemote remote = Remotes.open(settings)) {
        SourceUnreachableException e =
            assertThrows(
                SourceUnreachableException.class,
                () -> RemoteContract.read(remote.remote(), "files/md5/ab/cd", 0, 100_000));
        assertTrue(e.isTransient());
        assertFalse(remote.figures().get().lastError().isEmpty());
      }
    } finally {
      over.set(true);
    }
  }

  private static void serve(ServerSocket server, Server how, AtomicBoolean over) {
    try {
      while (true) {
        Socket peer = server.accept();
        Thread.ofVirtual().start(() -> trickle(peer, how, over));
      }
    } catch (IOException e) {
      return; // the test is over
    }
  }

  private static void trickle(Socket peer, Server how, AtomicBoolean over) {
    try (peer;
        OutputStream out = peer.getOutputStream()) {
      byte[] request = new byte[8192];
      int n = peer.getInputStream().read(request);
      String head = how.head;
      if (how == Server.BODY && n > 4 && request[0] == 'H') {
        head = head.replace("206 Partial Content", "200 OK");
      }
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      boolean ended = how == Server.BODY && request[0] == 'H';
      while (!over.get() && !ended) {
        if (how != Server.SILENT) {
          out.write('a');
          out.flush();
        }
        Thread.sleep(100); // the server's pace
      }
    } catch (IOException e) {
      return; // given up
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
