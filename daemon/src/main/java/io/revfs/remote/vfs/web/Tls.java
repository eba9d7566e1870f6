package io.revfs.remote.vfs.web;

import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.ServerTrust;
import java.io.ByteArrayInputStream;
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
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.apache.http.ssl.SSLContextBuilder;

/**
 * {@code ssl_verify} (no, or a file of authorities), {@code cert_path} and {@code key_path}.
 *
 * @param verifies whether the server's name must be that of its certificate
 */
record Tls(SSLContext context, boolean verifies) {
  private static final char[] NO_PASSWORD = new char[0];
  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", Pattern.DOTALL);

  static Tls of(RemoteSettings settings) throws IOException {
    ServerTrust trust = ServerTrust.of(settings);
    Optional<String> cert = settings.option("cert_path");
    try {
      SSLContextBuilder tls = SSLContextBuilder.create();
      if (!trust.verifies()) {
        tls.loadTrustMaterial((chain, type) -> true);
      } else if (trust.authorities().isPresent()) {
        tls.loadTrustMaterial(trust.authorities().get(), null);
      }
      if (cert.isPresent()) {
        Path certificate = Path.of(cert.get());
        Path key = settings.option("key_path").map(Path::of).orElse(certificate);
        tls.loadKeyMaterial(identity(settings.name(), certificate, key), NO_PASSWORD);
      }
      return new Tls(tls.build(), trust.verifies());
    } catch (GeneralSecurityException e) {
      throw new RemoteConfigurationException(
          settings.name(), "its certificates cannot be used: " + e.getMessage(), e);
    }
  }

  /** Reads a file that may hold the key, too. */
  private static Certificate[] certificates(Path file)
      throws IOException, GeneralSecurityException {
    byte[] bytes = Files.readAllBytes(file);
    String pem =
        CERTIFICATE
            .matcher(new String(bytes, StandardCharsets.ISO_8859_1))
            .results()
            .map(MatchResult::group)
            .collect(Collectors.joining("\n"));
    InputStream in =
        new ByteArrayInputStream(pem.isEmpty() ? bytes : pem.getBytes(StandardCharsets.ISO_8859_1));
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(in)
        .toArray(Certificate[]::new);
  }

  private static KeyStore identity(String remote, Path certificate, Path key)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("client", privateKey(remote, key), NO_PASSWORD, certificates(certificate));
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
