package io.revfs.remote;

import java.util.Map;

class DirectoryRemoteTest extends RemoteContract {
  @Override
  RemoteSettings settings() {
    return settings(temporary.resolve("store").toString(), Map.of());
  }
}
