package io.revfs.remote.vfs.sftp;

import com.jcraft.jsch.ConfigRepository;
import org.jspecify.annotations.Nullable;

/**
 * What VFS has no option for: more tries to log in than JSch's six, since an agent may hold many
 * keys. All else of {@code ~/.ssh/config} was read before.
 */
final class ManyTries implements ConfigRepository, ConfigRepository.Config {
  @Override
  public Config getConfig(String host) {
    return this;
  }

  @Override
  public @Nullable String getHostname() {
    return null;
  }

  @Override
  public @Nullable String getUser() {
    return null;
  }

  @Override
  public int getPort() {
    return -1;
  }

  @Override
  public @Nullable String getValue(String key) {
    return key.equals("MaxAuthTries") ? "20" : null;
  }

  @Override
  public String @Nullable [] getValues(String key) {
    return null;
  }
}
