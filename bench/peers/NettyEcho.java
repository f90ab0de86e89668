import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.buffer.ByteBuf;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An echo with back-pressure on Netty: one event loop for everything, pooled buffers, a flush once
 * all that was read is written. It speaks the control protocol of bench/README.md.
 */
@Sharable
public final class NettyEcho extends ChannelInboundHandlerAdapter {
  // Written by the event loop alone: lazySet() costs an ordinary store, and keeps their order.
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong closed = new AtomicLong();
  private final AtomicLong receivedBytes = new AtomicLong();
  private final AtomicLong sentBytes = new AtomicLong();

  @Override
  public void channelActive(ChannelHandlerContext context) {
    accepted.lazySet(accepted.get() + 1);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    int bytes = ((ByteBuf) message).readableBytes();
    receivedBytes.lazySet(receivedBytes.get() + bytes);
    sentBytes.lazySet(sentBytes.get() + bytes);
    context.write(message, context.voidPromise());
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    context.flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    context.channel().config().setAutoRead(context.channel().isWritable());
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    closed.lazySet(closed.get() + 1);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    System.err.println(cause);
    context.close();
  }

  private void answer() {
    System.out.printf(
        "{\"event\":\"stats\",\"accepted\":%d,\"closed\":%d,\"receivedBytes\":%d,\"sentBytes\":%d}%n",
        accepted.get(), closed.get(), receivedBytes.get(), sentBytes.get());
  }

  public static void main(String[] arguments) throws Exception {
    NettyEcho handler = new NettyEcho();
    NioEventLoopGroup loop = new NioEventLoopGroup(1);
    Channel listener =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 511)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(handler)
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    int port = ((InetSocketAddress) listener.localAddress()).getPort();
    System.out.printf("{\"event\":\"listening\",\"port\":%d}%n", port);
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
    while (commands.readLine() != null) handler.answer();
    System.exit(0);
  }
}
