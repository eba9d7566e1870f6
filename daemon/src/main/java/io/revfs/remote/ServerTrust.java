package io.revfs.remote;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * The option {@code ssl_verify}: yes, no, or a file of authorities.
 *
 * @param verifies whether certificates of servers are looked at
 * @param authorities those to trust instead of the JDK's
 */
public record ServerTrust(boolean verifies, Optional<KeyStore> authorities) {
  private static final Set<String> YES = Set.of("true", "yes", "on", "1");
  private static final Set<String> NO = Set.of("false", "no", "off", "0");

  /** Reads the option. */
  public static ServerTrust of(RemoteSettings settings) throws IOException {
    String verify = settings.option("ssl_verify").orElse("true");
    String word = verify.toLowerCase(Locale.ROOT);
    if (YES.contains(word) || NO.contains(word)) {
      return new ServerTrust(YES.contains(word), Optional.empty());
    }
    Path file = Path.of(verify);
    if (!Files.isReadable(file)) {
      throw new RemoteConfigurationException(
          settings.name(), "'ssl_verify' names " + file + ", which cannot be read");
    }
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int i = 0;
      for (Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("ca" + i++, c);
      }
      return new ServerTrust(true, Optional.of(store));
    } catch (GeneralSecurityException e) {
      throw new RemoteConfigurationException(
          settings.name(), file + " holds no certificates: " + e.getMessage(), e);
    }
  }

  /** Returns what to say if a failure is that the server's certificate is not believed. */
  public static Optional<String> refusal(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException || cause instanceof SSLPeerUnverifiedException) {
        return Optional.of(
            "the server's certificate is not trusted ('ssl_verify' can name a file of authorities):"
                + " "
                + cause.getMessage());
      }
    }
    return Optional.empty();
  }
}
