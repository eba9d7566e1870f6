package io.revfs.remote.vfs.sftp;

import com.jcraft.jsch.AgentIdentityRepository;
import com.jcraft.jsch.AgentProxyException;
import com.jcraft.jsch.ConfigRepository;
import com.jcraft.jsch.IdentityRepository;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.SSHAgentConnector;
import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.commons.vfs2.provider.sftp.IdentityInfo;
import org.apache.commons.vfs2.provider.sftp.IdentityProvider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What VFS gives to each new JSch: keys, in this order: {@code keyfile} or those of the
 * configuration, else the usual files of {@code ~/.ssh}; then the agent's (of the caller's {@code
 * SSH_AUTH_SOCK}). And that an unknown host is taken, as DVC's ssh does, while one whose key
 * changed is refused.
 */
final class SshKeys implements IdentityProvider {
  private static final Logger log = LoggerFactory.getLogger(SshKeys.class);
  private static final List<String> USUAL_KEYS = List.of("id_ed25519", "id_ecdsa", "id_rsa");

  private final List<Path> files;
  private final byte @Nullable [] passphrase;
  private final Optional<Path> agent;

  private SshKeys(List<Path> files, byte @Nullable [] passphrase, Optional<Path> agent) {
    this.files = files;
    this.passphrase = passphrase;
    this.agent = agent;
  }

  static SshKeys of(RemoteSettings settings, Optional<ConfigRepository.Config> config, Path ssh)
      throws IOException {
    Optional<String> keyfile = settings.option("keyfile");
    Optional<String> named = keyfile.or(() -> config.map(c -> c.getValue("IdentityFile")));
    List<Path> files =
        named
            .map(name -> name.replaceFirst("^~(?=/)", settings.home().toString()))
            .map(name -> List.of(Path.of(name)))
            .orElseGet(() -> USUAL_KEYS.stream().map(ssh::resolve).toList());
    SshKeys keys =
        new SshKeys(
            files,
            settings.option("passphrase").map(p -> p.getBytes(StandardCharsets.UTF_8)).orElse(null),
            settings.flag("allow_agent", true)
                ? settings.variable("SSH_AUTH_SOCK").map(Path::of)
                : Optional.empty());
    if (keyfile.isPresent()) {
      keys.check(settings.name(), files.getFirst());
    }
    return keys;
  }

  /** A key that was asked for by name must be one. */
  private void check(String remote, Path file) throws RemoteConfigurationException {
    if (!Files.isReadable(file)) {
      throw new RemoteConfigurationException(remote, "the keyfile " + file + " cannot be read");
    }
    JSch scratch = new JSch();
    scratch.setInstanceLogger(new Quiet());
    try {
      identity(file).addIdentity(scratch);
    } catch (JSchException e) {
      throw new RemoteConfigurationException(
          remote, "the keyfile " + file + " is no key: " + e.getMessage(), e);
    }
  }

  /** JSch clears the passphrase that it was given. */
  private IdentityInfo identity(Path file) {
    return new IdentityInfo(file.toFile(), passphrase == null ? null : passphrase.clone());
  }

  @Override
  public void addIdentity(JSch jsch) throws JSchException {
    jsch.setInstanceLogger(new Quiet()); // VFS's logs fifty lines for each connection
    jsch.setHostKeyRepository(new AcceptNewHosts(jsch.getHostKeyRepository()));
    for (Path file : files) {
      if (Files.isReadable(file)) {
        try {
          identity(file).addIdentity(jsch);
        } catch (JSchException e) {
          log.debug("{} is passed over: {}", file, e.getMessage());
        }
      }
    }
    agentKeys().ifPresent(keys -> jsch.setIdentityRepository(new KeysOfBoth(jsch, keys)));
  }

  private Optional<IdentityRepository> agentKeys() {
    if (agent.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new AgentIdentityRepository(new SSHAgentConnector(agent.get())));
    } catch (AgentProxyException | RuntimeException e) {
      log.debug("no agent: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /** What goes wrong is thrown as well. */
  private static final class Quiet implements com.jcraft.jsch.Logger {
    @Override
    public boolean isEnabled(int level) {
      return false;
    }

    @Override
    public void log(int level, String message) {}
  }
}
