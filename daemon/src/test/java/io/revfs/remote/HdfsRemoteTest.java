package io.revfs.remote;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real name node and data node, by both protocols. */
class HdfsRemoteTest extends RemoteContract {
  private static final AtomicInteger STORES = new AtomicInteger();

  @TempDir static Path directory;
  private static MiniDFSCluster cluster;
  private int store;

  @BeforeAll
  static void start() throws Exception {
    Configuration configuration = new Configuration();
    configuration.set("hadoop.tmp.dir", directory.resolve("tmp").toString());
    configuration.set("dfs.permissions.enabled", "false");
    cluster =
        new MiniDFSCluster.Builder(configuration, directory.resolve("dfs").toFile())
            .numDataNodes(1)
            .build();
    cluster.waitActive();
  }

  @AfterAll
  static void stop() {
    cluster.shutdown();
  }

  @BeforeEach
  void next() {
    store = STORES.incrementAndGet();
  }

  @Override
  RemoteSettings settings() {
    return settings(
        "hdfs://127.0.0.1:" + cluster.getNameNodePort() + "/store" + store,
        Map.of("user", "hadoop", "replication", "1"));
  }

  @Test
  void webhdfsReadsTheSameFiles() throws Exception {
    put("files/md5/ab/cdef", random(70_000));
    String address = cluster.getNameNode().getHttpAddress().getPort() + "/store" + store;
    Remote web =
        open(settings("webhdfs://127.0.0.1:" + address, Map.of("user", "hadoop"))).remote();
    org.junit.jupiter.api.Assertions.assertArrayEquals(
        java.util.Arrays.copyOfRange(random(70_000), 100, 5100),
        read(web, "files/md5/ab/cdef", 100, 5000));
  }
}
