package io.revfs.remote;

import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.SdkHttpConfigurationOption;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;
import software.amazon.awssdk.utils.AttributeMap;

/** Builds the SDK's client from DVC's options for {@code s3://} remotes. */
final class S3Clients {
  private S3Clients() {}

  static S3AsyncClient open(RemoteSettings settings) throws IOException {
    try {
      return build(settings);
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw new IOException("remote '%s': %s".formatted(settings.name(), Redaction.message(e)), e);
    }
  }

  @SuppressWarnings("deprecation") // Netty has no other option for it; bootstraps take options only
  private static S3AsyncClient build(RemoteSettings settings)
      throws IOException, GeneralSecurityException {
    RemoteLimits limits = settings.limits();
    NettyNioAsyncHttpClient.Builder http =
        NettyNioAsyncHttpClient.builder()
            .maxConcurrency(limits.connections())
            .connectionTimeout(
                settings
                    .option("connect_timeout")
                    .map(S3Remote::seconds)
                    .orElse(limits.connectTimeout()))
            .readTimeout(
                settings.option("read_timeout").map(S3Remote::seconds).orElse(limits.readTimeout()))
            .connectionAcquisitionTimeout(Duration.ofMinutes(5))
            .tcpKeepAlive(true)
            // A large object comes in few large pieces, not in thousands of packets.
            .putChannelOption(
                ChannelOption.RCVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(S3Connections.RECEIVE_BYTES))
            .eventLoopGroup(S3Connections.THREADS);
    AttributeMap.Builder tls = AttributeMap.builder();
    Optional<String> verify = settings.option("ssl_verify");
    if (verify.isPresent() && verify.get().toLowerCase(Locale.ROOT).equals("false")) {
      tls.put(SdkHttpConfigurationOption.TRUST_ALL_CERTIFICATES, true);
    } else if (verify.isPresent() && !verify.get().toLowerCase(Locale.ROOT).equals("true")) {
      TrustManagerFactory trust = trust(Path.of(verify.get()));
      http.tlsTrustManagersProvider(trust::getTrustManagers);
    }
    S3AsyncClientBuilder s3 =
        S3AsyncClient.builder()
            .httpClient(http.buildWithDefaults(tls.build()))
            .credentialsProvider(credentials(settings))
            .region(region(settings))
            .overrideConfiguration(
                c -> c.retryStrategy(RetryMode.STANDARD).retryStrategy(r -> r.maxAttempts(1)))
            // Older and other servers do not know the checksums that newer SDKs add by default.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
    Optional<String> endpoint = settings.option("endpointurl").or(S3Clients::endpointOfEnvironment);
    if (endpoint.isPresent()) {
      String scheme = settings.flag("use_ssl", true) ? "https://" : "http://";
      String url = endpoint.get().contains("://") ? endpoint.get() : scheme + endpoint.get();
      s3.endpointOverride(URI.create(url)).forcePathStyle(true);
    }
    return s3.build();
  }

  private static Optional<String> endpointOfEnvironment() {
    return Optional.ofNullable(System.getenv("AWS_ENDPOINT_URL_S3"))
        .or(() -> Optional.ofNullable(System.getenv("AWS_ENDPOINT_URL")));
  }

  private static Region region(RemoteSettings settings) {
    return settings
        .option("region")
        .map(Region::of)
        .or(() -> defaultRegion(settings))
        .orElse(Region.US_EAST_1);
  }

  private static Optional<Region> defaultRegion(RemoteSettings settings) {
    if (settings.option("endpointurl").isPresent() && System.getenv("AWS_REGION") == null) {
      return Optional.empty(); // asking the machine's metadata service would only take time
    }
    try {
      return Optional.ofNullable(
          DefaultAwsRegionProviderChain.builder()
              .profileName(settings.option("profile").orElse(null))
              .build()
              .getRegion());
    } catch (software.amazon.awssdk.core.exception.SdkClientException e) {
      return Optional.empty();
    }
  }

  private static AwsCredentialsProvider credentials(RemoteSettings settings) {
    if (settings.flag("allow_anonymous_login", false)) {
      return AnonymousCredentialsProvider.create();
    }
    Optional<String> key = settings.option("access_key_id");
    Optional<String> secret = settings.option("secret_access_key");
    if (key.isPresent() && secret.isPresent()) {
      return StaticCredentialsProvider.create(
          settings.option("session_token").isPresent()
              ? AwsSessionCredentials.create(
                  key.get(), secret.get(), settings.option("session_token").get())
              : AwsBasicCredentials.create(key.get(), secret.get()));
    }
    Optional<String> file = settings.option("credentialpath");
    Optional<String> profile = settings.option("profile");
    if (file.isPresent() || profile.isPresent()) {
      ProfileCredentialsProvider.Builder builder = ProfileCredentialsProvider.builder();
      profile.ifPresent(builder::profileName);
      file.ifPresent(
          f ->
              builder.profileFile(
                  ProfileFile.builder()
                      .content(Path.of(f))
                      .type(ProfileFile.Type.CREDENTIALS)
                      .build()));
      return builder.build();
    }
    return DefaultCredentialsProvider.builder().build();
  }

  private static TrustManagerFactory trust(Path certificates)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (var in = Files.newInputStream(certificates)) {
      int i = 0;
      for (Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("ca" + i++, c);
      }
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory;
  }
}
