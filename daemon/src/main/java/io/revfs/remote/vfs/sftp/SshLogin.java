package io.revfs.remote.vfs.sftp;

import com.jcraft.jsch.ConfigRepository;
import com.jcraft.jsch.OpenSSHConfig;
import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteSettings;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.commons.vfs2.FileSystemOptions;
import org.apache.commons.vfs2.auth.StaticUserAuthenticator;
import org.apache.commons.vfs2.impl.DefaultFileSystemConfigBuilder;
import org.apache.commons.vfs2.provider.sftp.SftpFileSystemConfigBuilder;

/**
 * How to reach and to enter one SSH server, as options of VFS's: DVC's options over {@code
 * ~/.ssh/config}.
 *
 * @param root the server's URL
 */
record SshLogin(String root, FileSystemOptions options) {
  private static final int DEFAULT_PORT = 22;

  static SshLogin of(RemoteSettings settings, URI uri) throws IOException {
    Path ssh = settings.home().resolve(".ssh");
    Optional<ConfigRepository.Config> config = config(settings, ssh, uri.getHost());
    SshKeys keys = SshKeys.of(settings, config, ssh);
    String user =
        settings
            .user()
            .or(() -> config.map(ConfigRepository.Config::getUser))
            .orElse(System.getProperty("user.name"));
    int configured = config.map(ConfigRepository.Config::getPort).orElse(-1);
    int port = settings.number("port", uri.getPort() > 0 ? uri.getPort() : configured);
    String host = config.map(ConfigRepository.Config::getHostname).orElse(uri.getHost());
    FileSystemOptions options = new FileSystemOptions();
    DefaultFileSystemConfigBuilder.getInstance()
        .setUserAuthenticator(
            options, new StaticUserAuthenticator(null, user, settings.password().orElse(null)));
    SftpFileSystemConfigBuilder sftp = SftpFileSystemConfigBuilder.getInstance();
    sftp.setUserDirIsRoot(options, false);
    sftp.setDisableDetectExecChannel(options, true);
    sftp.setSessionTimeout(
        options, settings.seconds("timeout", settings.limits().connectTimeout()));
    sftp.setKnownHosts(options, new File(ssh.resolve("known_hosts").toString()));
    sftp.setStrictHostKeyChecking(options, "yes"); // AcceptNewHosts knows every new one
    String gss = settings.flag("gss_auth", false) ? "gssapi-with-mic," : "";
    sftp.setPreferredAuthentications(options, gss + "publickey,password,keyboard-interactive");
    sftp.setIdentityProvider(options, keys);
    sftp.setConfigRepository(options, new ManyTries());
    return new SshLogin("sftp://" + host + ":" + (port > 0 ? port : DEFAULT_PORT) + "/", options);
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
}
