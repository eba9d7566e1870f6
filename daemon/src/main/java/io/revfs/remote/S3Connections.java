package io.revfs.remote;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.util.concurrent.DefaultThreadFactory;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;

/**
 * The network threads of all S3 remotes, and connections that pass bodies on in the pieces in which
 * they were received. The SDK's decoder cuts them into 8 KiB, and each of those then goes through a
 * dozen handlers and a queue: a third of the processor time of reading a large object.
 */
final class S3Connections {
  /** How much is received at once at most, in bytes. */
  static final int RECEIVE_BYTES = 256 << 10;

  private static final int LINE_BYTES = 4096;
  private static final int HEADER_BYTES = 8192;

  /** Shared, since its threads sleep when nothing comes; it lives as long as the process. */
  static final SdkEventLoopGroup THREADS = SdkEventLoopGroup.create(group(), S3Connections::open);

  private S3Connections() {}

  @SuppressWarnings("deprecation") // the SDK knows no other kind of group
  private static NioEventLoopGroup group() {
    return new NioEventLoopGroup(new DefaultThreadFactory("s3", true));
  }

  private static Channel open() {
    NioSocketChannel channel = new NioSocketChannel();
    channel.pipeline().addFirst(new WholePieces());
    return channel;
  }

  /**
   * Puts a decoder that does not cut in the place of the SDK's, once all its handlers are there.
   */
  private static final class WholePieces extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      HttpClientCodec theirs = context.pipeline().get(HttpClientCodec.class);
      if (theirs != null) {
        String name = context.pipeline().context(theirs).name();
        HttpDecoderConfig config =
            new HttpDecoderConfig()
                .setMaxInitialLineLength(LINE_BYTES)
                .setMaxHeaderSize(HEADER_BYTES)
                .setMaxChunkSize(RECEIVE_BYTES);
        context.pipeline().replace(theirs, name, new HttpClientCodec(config, false, false));
      }
      context.pipeline().remove(this);
      context.pipeline().fireChannelActive();
    }
  }
}
