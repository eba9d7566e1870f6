package io.revfs.remote.vfs.web;

import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.apache.http.ssl.SSLContextBuilder;

/**
 * {@code ssl_verify} (no, or a file of authorities), {@code cert_path} and {@code key_path}.
 *
 * @param verifies whether the server's name must be that of its certificate
 */
record Tls(SSLContext context, boolean verifies) {
  private static final char[] NO_PASSWORD = new char[0];

  static Tls of(RemoteSettings settings) throws IOException {
    String verify = settings.option("ssl_verify").orElse("true");
    boolean verifies = !isOneOf(verify, "false", "no", "off", "0");
    Optional<String> cert = settings.option("cert_path");
    try {
      SSLContextBuilder tls = SSLContextBuilder.create();
      if (!verifies) {
        tls.loadTrustMaterial((chain, type) -> true);
      } else if (!isOneOf(verify, "true", "yes", "on", "1")) {
        tls.loadTrustMaterial(authorities(settings.name(), Path.of(verify)), null);
      }
      if (cert.isPresent()) {
        Path certificate = Path.of(cert.get());
        Path key = settings.option("key_path").map(Path::of).orElse(certificate);
        tls.loadKeyMaterial(identity(settings.name(), certificate, key), NO_PASSWORD);
      }
      return new Tls(tls.build(), verifies);
    } catch (GeneralSecurityException e) {
      throw new RemoteConfigurationException(
          settings.name(), "its certificates cannot be used: " + e.getMessage(), e);
    }
  }

  private static boolean isOneOf(String value, String... words) {
    return List.of(words).contains(value.toLowerCase(Locale.ROOT));
  }

  private static List<Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      return new ArrayList<>(CertificateFactory.getInstance("X.509").generateCertificates(in));
    }
  }

  private static KeyStore authorities(String remote, Path file)
      throws IOException, GeneralSecurityException {
    if (!Files.isReadable(file)) {
      throw new RemoteConfigurationException(
          remote, "'ssl_verify' names " + file + ", which cannot be read");
    }
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int i = 0;
    for (Certificate certificate : certificates(file)) {
      store.setCertificateEntry("ca" + i++, certificate);
    }
    return store;
  }

  private static KeyStore identity(String remote, Path certificate, Path key)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "client",
        privateKey(remote, key),
        NO_PASSWORD,
        certificates(certificate).toArray(new Certificate[0]));
    return store;
  }

  private static PrivateKey privateKey(String remote, Path file)
      throws IOException, GeneralSecurityException {
    String text = Files.readString(file, StandardCharsets.US_ASCII);
    String begin = "-----BEGIN PRIVATE KEY-----";
    int at = text.indexOf(begin);
    int end = text.indexOf("-----END PRIVATE KEY-----");
    if (at < 0 || end < 0) {
      throw new RemoteConfigurationException(
          remote,
          "%s holds no private key in PKCS#8; 'openssl pkcs8 -topk8 -nocrypt' makes one of it"
              .formatted(file));
    }
    byte[] der = Base64.getMimeDecoder().decode(text.substring(at + begin.length(), end).strip());
    for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException e) {
        // of another kind: the next
      }
    }
    throw new RemoteConfigurationException(remote, file + " holds a key of an unknown kind");
  }
}
