package io.revfs.remote.sftp;

import com.jcraft.jsch.AgentIdentityRepository;
import com.jcraft.jsch.AgentProxyException;
import com.jcraft.jsch.ConfigRepository;
import com.jcraft.jsch.IdentityRepository;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.OpenSSHConfig;
import com.jcraft.jsch.SSHAgentConnector;
import com.jcraft.jsch.Session;
import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How to reach and to enter one SSH server: DVC's options over {@code ~/.ssh/config}. Keys are
 * tried in this order: {@code keyfile} or those of the configuration, else the usual files of
 * {@code ~/.ssh}; then the agent's (of the caller's {@code SSH_AUTH_SOCK}); then the password. An
 * unknown host is taken, as DVC's ssh does; one whose key changed is refused.
 */
final class SshLogin {
  private static final Logger log = LoggerFactory.getLogger(SshLogin.class);
  private static final int DEFAULT_PORT = 22;
  private static final List<String> USUAL_KEYS = List.of("id_ed25519", "id_ecdsa", "id_rsa");

  private final RemoteSettings settings;
  private final JSch jsch;
  private final String host;
  private final int port;
  private final String user;
  private final Optional<String> password;
  private final Duration connectTimeout;

  private SshLogin(
      RemoteSettings settings,
      JSch jsch,
      String host,
      int port,
      String user,
      Optional<String> password,
      Duration connectTimeout) {
    this.settings = settings;
    this.jsch = jsch;
    this.host = host;
    this.port = port;
    this.user = user;
    this.password = password;
    this.connectTimeout = connectTimeout;
  }

  static SshLogin of(RemoteSettings settings, URI uri) throws IOException {
    Path ssh = settings.home().resolve(".ssh");
    Optional<ConfigRepository.Config> config = config(settings, ssh, uri.getHost());
    Optional<String> info = Optional.ofNullable(uri.getUserInfo());
    String user =
        settings
            .option("user")
            .or(() -> info.map(i -> i.split(":")[0]))
            .or(() -> config.map(ConfigRepository.Config::getUser))
            .orElse(System.getProperty("user.name"));
    Optional<String> password =
        settings
            .option("password")
            .or(() -> info.filter(i -> i.contains(":")).map(i -> i.substring(i.indexOf(':') + 1)));
    int configured = config.map(ConfigRepository.Config::getPort).orElse(-1);
    int port = settings.number("port", uri.getPort() > 0 ? uri.getPort() : configured);
    try {
      JSch jsch = new JSch();
      jsch.setKnownHosts(ssh.resolve("known_hosts").toString());
      jsch.setHostKeyRepository(new AcceptNewHosts(jsch.getHostKeyRepository()));
      addKeys(jsch, settings, config, ssh);
      if (settings.flag("allow_agent", true)) {
        agent(settings).ifPresent(a -> jsch.setIdentityRepository(new KeysOfBoth(jsch, a)));
      }
      return new SshLogin(
          settings,
          jsch,
          config.map(ConfigRepository.Config::getHostname).orElse(uri.getHost()),
          port > 0 ? port : DEFAULT_PORT,
          user,
          password,
          settings.seconds("timeout", settings.limits().connectTimeout()));
    } catch (JSchException e) {
      throw new RemoteConfigurationException(settings.name(), String.valueOf(e.getMessage()), e);
    }
  }

  private static Optional<ConfigRepository.Config> config(
      RemoteSettings settings, Path ssh, String host) throws IOException {
    Path file = ssh.resolve("config");
    if (!Files.isReadable(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(OpenSSHConfig.parseFile(file.toString()).getConfig(host));
    } catch (RuntimeException e) {
      throw new RemoteConfigurationException(settings.name(), file + ": " + e.getMessage(), e);
    }
  }

  private static void addKeys(
      JSch jsch, RemoteSettings settings, Optional<ConfigRepository.Config> config, Path ssh)
      throws RemoteConfigurationException {
    Optional<String> named =
        settings.option("keyfile").or(() -> config.map(c -> c.getValue("IdentityFile")));
    if (named.isPresent()) {
      String file = named.get().replaceFirst("^~(?=/)", settings.home().toString());
      if (!Files.isReadable(Path.of(file)) && settings.option("keyfile").isPresent()) {
        throw new RemoteConfigurationException(
            settings.name(), "the keyfile " + file + " cannot be read");
      }
      addKey(jsch, settings, Path.of(file), settings.option("keyfile").isPresent());
      return;
    }
    for (String name : USUAL_KEYS) {
      addKey(jsch, settings, ssh.resolve(name), false);
    }
  }

  private static void addKey(JSch jsch, RemoteSettings settings, Path file, boolean needed)
      throws RemoteConfigurationException {
    if (!Files.isReadable(file)) {
      return;
    }
    try {
      Optional<String> passphrase = settings.option("passphrase");
      if (passphrase.isPresent()) {
        jsch.addIdentity(file.toString(), passphrase.get());
      } else {
        jsch.addIdentity(file.toString());
      }
    } catch (JSchException e) {
      if (needed) {
        throw new RemoteConfigurationException(
            settings.name(), "the keyfile " + file + " is no key: " + e.getMessage(), e);
      }
      log.debug("{} is passed over: {}", file, e.getMessage());
    }
  }

  private static Optional<IdentityRepository> agent(RemoteSettings settings) {
    Optional<Path> socket = settings.variable("SSH_AUTH_SOCK").map(Path::of);
    if (socket.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new AgentIdentityRepository(new SSHAgentConnector(socket.get())));
    } catch (AgentProxyException | RuntimeException e) {
      log.debug("no agent: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /** Connects. */
  Session connect() throws JSchException {
    Session session = jsch.getSession(user, host, port);
    password.ifPresent(session::setPassword);
    session.setConfig("StrictHostKeyChecking", "yes"); // AcceptNewHosts knows every new one
    String gss = settings.flag("gss_auth", false) ? "gssapi-with-mic," : "";
    session.setConfig("PreferredAuthentications", gss + "publickey,password,keyboard-interactive");
    session.setConfig("MaxAuthTries", "20"); // an agent may hold many keys
    session.setDaemonThread(true);
    session.setTimeout((int) settings.limits().readTimeout().toMillis());
    session.setServerAliveInterval((int) settings.limits().readTimeout().toMillis());
    session.connect((int) connectTimeout.toMillis());
    return session;
  }
}
