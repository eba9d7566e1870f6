package io.revfs.api;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.Closeable;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves routes over a Unix socket. Each request is handled on a virtual thread, so handlers may
 * wait. Who may ask is decided by the peer's credentials, which the kernel vouches for.
 */
final class ApiServer implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(ApiServer.class);
  private static final int MOST_BODY_BYTES = 16 << 20;

  private final Path socket;
  private final Map<String, Route> routes = new ConcurrentHashMap<>();
  private final String owner;
  private final boolean othersMayLook;
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, Thread.ofPlatform().daemon().name("api").factory(), NioIoHandler.newFactory());
  private final Channel channel;

  private ApiServer(Path socket, List<Route> routes, boolean othersMayLook) throws IOException {
    this.socket = socket;
    this.othersMayLook = othersMayLook;
    routes.forEach(route -> this.routes.put(route.method() + " " + route.path(), route));
    this.owner = Files.getOwner(socket.resolveSibling("")).getName();
    Channel bound = null;
    try {
      bound =
          new ServerBootstrap()
              .group(group)
              .channel(NioServerDomainSocketChannel.class)
              .childHandler(new Pipeline())
              .bind(UnixDomainSocketAddress.of(socket))
              .syncUninterruptibly()
              .channel();
      Files.setPosixFilePermissions(
          socket, PosixFilePermissions.fromString(othersMayLook ? "rw-rw-rw-" : "rw-------"));
    } catch (RuntimeException e) {
      throw new IOException("cannot listen on " + socket + ": " + e.getMessage(), e);
    } finally {
      if (bound == null) {
        var unused = group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      }
    }
    this.channel = bound;
  }

  /**
   * Starts to serve. A socket file that nobody answers on is replaced.
   *
   * @param othersMayLook whether other users may use the routes that change nothing
   * @throws IOException if the socket cannot be had
   */
  static ApiServer start(Path socket, List<Route> routes, boolean othersMayLook)
      throws IOException {
    Files.deleteIfExists(socket);
    return new ApiServer(socket, routes, othersMayLook);
  }

  private final class Pipeline extends ChannelInitializer<NioDomainSocketChannel> {
    @Override
    protected void initChannel(NioDomainSocketChannel peer) {
      UnixDomainPrincipal who =
          peer.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
      String user = who == null ? "" : who.user().getName();
      boolean mayAll = user.equals(owner) || user.equals("root");
      peer.pipeline()
          .addLast(new HttpServerCodec())
          .addLast(new HttpObjectAggregator(MOST_BODY_BYTES))
          .addLast(new Requests(mayAll, user));
    }
  }

  private final class Requests extends SimpleChannelInboundHandler<FullHttpRequest> {
    private final boolean mayAll;
    private final String user;

    Requests(boolean mayAll, String user) {
      super(false); // released by the thread that handles the request
      this.mayAll = mayAll;
      this.user = user;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      context.channel().config().setAutoRead(false); // one request at a time
      // Not interrupted when the peer goes: an interrupt would close the files it reads from for
      // all readers. The next write fails instead.
      Thread.ofVirtual().name("request").start(() -> handle(context.channel(), request));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      log.debug("a connection broke", cause);
      var unused = context.close();
    }

    private void handle(Channel peer, FullHttpRequest request) {
      boolean keep = HttpUtil.isKeepAlive(request) && request.decoderResult().isSuccess();
      try {
        keep &= answer(peer, request);
      } finally {
        request.release();
      }
      if (keep) {
        peer.config().setAutoRead(true);
      } else {
        var unused =
            peer.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      }
    }

    /** Returns whether the connection can go on. */
    private boolean answer(Channel peer, FullHttpRequest request) {
      Exchange exchange = null;
      try {
        exchange = new Exchange(peer, request);
        Route route = route(request);
        if (!mayAll && !(othersMayLook && route.onlyLooks())) {
          throw new ApiException(
              403,
              "forbidden",
              "this daemon belongs to " + owner + ", and " + user + " asks",
              "ask its owner, or start your own: unset " + io.revfs.config.Directories.SOCKET,
              255);
        }
        route.handler().handle(exchange);
        return true;
      } catch (Exchange.ClientGoneException e) {
        return false;
      } catch (Throwable t) {
        ApiException error = Errors.of(t);
        if (error.code().equals("internal")) {
          log.error("{} {} failed", request.method(), request.uri(), t);
        } else {
          log.debug("{} {}", request.method(), request.uri(), t);
        }
        try {
          if (exchange == null) {
            return false;
          }
          if (exchange.answered()) {
            log.warn("{} {} broke off: {}", request.method(), request.uri(), error.getMessage());
            exchange.breakOff(error);
            return false; // half an answer is out: the missing end says that it failed
          }
          exchange.error(error);
          return true;
        } catch (IOException e) {
          return false;
        }
      }
    }

    private Route route(FullHttpRequest request) throws ApiException {
      String path = new QueryStringDecoder(request.uri()).path();
      Route route = routes.get(request.method().name() + " " + path);
      if (route == null) {
        throw new ApiException(
            404,
            "not-found",
            "this daemon has no " + request.method() + " " + path,
            "command and daemon differ in version: revfs daemon stop",
            255);
      }
      return route;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close().syncUninterruptibly();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    Files.deleteIfExists(socket);
  }
}
