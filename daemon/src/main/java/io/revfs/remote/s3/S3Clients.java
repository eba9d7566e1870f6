package io.revfs.remote.s3;

import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.revfs.remote.Redaction;
import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteLimits;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.ServerTrust;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
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
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;
import software.amazon.awssdk.utils.AttributeMap;

/** Builds the SDK's client from DVC's options for {@code s3://} remotes. */
final class S3Clients {
  private S3Clients() {}

  /** Whose server it is. */
  enum Style {
    /** Amazon's, or one that is like it. */
    AMAZON,
    /** Alibaba's object storage, which answers S3's requests too, but not all their forms. */
    ALIBABA
  }

  static S3AsyncClient open(RemoteSettings settings, Style style) throws IOException {
    try {
      return build(settings, style);
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw new RemoteConfigurationException(settings.name(), Redaction.message(e), e);
    }
  }

  @SuppressWarnings("deprecation") // Netty has no other option for it; bootstraps take options only
  private static S3AsyncClient build(RemoteSettings settings, Style style)
      throws IOException, GeneralSecurityException {
    RemoteLimits limits = settings.limits();
    NettyNioAsyncHttpClient.Builder http =
        NettyNioAsyncHttpClient.builder()
            .maxConcurrency(limits.connections())
            .connectionTimeout(settings.seconds("connect_timeout", limits.connectTimeout()))
            .readTimeout(settings.seconds("read_timeout", limits.readTimeout()))
            .connectionAcquisitionTimeout(Duration.ofMinutes(5))
            .tcpKeepAlive(true)
            // A large object comes in few large pieces, not in thousands of packets.
            .putChannelOption(
                ChannelOption.RCVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(S3Connections.RECEIVE_BYTES))
            .eventLoopGroup(S3Connections.THREADS);
    AttributeMap.Builder tls = AttributeMap.builder();
    ServerTrust trust = ServerTrust.of(settings);
    if (!trust.verifies()) {
      tls.put(SdkHttpConfigurationOption.TRUST_ALL_CERTIFICATES, true);
    } else if (trust.authorities().isPresent()) {
      TrustManagerFactory managers = managers(trust.authorities().get());
      http.tlsTrustManagersProvider(managers::getTrustManagers);
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
    Optional<String> endpoint = endpoint(settings);
    if (endpoint.isPresent()) {
      String scheme = settings.flag("use_ssl", true) ? "https://" : "http://";
      String url = endpoint.get().contains("://") ? endpoint.get() : scheme + endpoint.get();
      s3.endpointOverride(URI.create(url));
    } else {
      s3.crossRegionAccessEnabled(true); // a bucket elsewhere says where it is
    }
    if (style == Style.ALIBABA) {
      // Buckets are hosts there (but on servers without a name), and bodies come in one piece.
      s3.serviceConfiguration(c -> c.chunkedEncodingEnabled(false));
    } else {
      s3.forcePathStyle(endpoint.isPresent());
    }
    return s3.build();
  }

  private static Optional<String> endpoint(RemoteSettings settings) {
    return settings.option("endpointurl").or(() -> endpointOfEnvironment(settings));
  }

  private static Optional<String> endpointOfEnvironment(RemoteSettings settings) {
    return settings.variable("AWS_ENDPOINT_URL_S3").or(() -> settings.variable("AWS_ENDPOINT_URL"));
  }

  /**
   * Nobody asks the machine's metadata service: it answers on Amazon's machines only, elsewhere one
   * would wait for it, and a bucket need not be where the machine is.
   */
  private static Region region(RemoteSettings settings) {
    return settings
        .option("region")
        .or(() -> settings.variable("AWS_REGION"))
        .or(() -> settings.variable("AWS_DEFAULT_REGION"))
        .or(() -> profiles(settings).flatMap(files -> regionOfProfile(settings, files)))
        .map(Region::of)
        .orElse(Region.US_EAST_1);
  }

  private static Optional<String> regionOfProfile(RemoteSettings settings, ProfileFile files) {
    String profile =
        settings.option("profile").or(() -> settings.variable("AWS_PROFILE")).orElse("default");
    return files.profile(profile).flatMap(found -> found.property("region"));
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
    Optional<String> profile = settings.option("profile");
    if (profile.isEmpty()) {
      Optional<AwsCredentialsProvider> variables = credentialsOfEnvironment(settings);
      if (variables.isPresent()) {
        return variables.get();
      }
      profile = settings.variable("AWS_PROFILE");
    }
    Optional<ProfileFile> files = profiles(settings);
    if (files.isPresent() || profile.isPresent()) {
      ProfileCredentialsProvider.Builder builder = ProfileCredentialsProvider.builder();
      profile.ifPresent(builder::profileName);
      files.ifPresent(builder::profileFile);
      // Files that nobody named may say nothing of credentials: the machine may have a role.
      boolean named = profile.isPresent() || settings.option("credentialpath").isPresent();
      return named
          ? builder.build()
          : AwsCredentialsProviderChain.of(
              builder.build(), DefaultCredentialsProvider.builder().build());
    }
    return DefaultCredentialsProvider.builder().build();
  }

  private static Optional<AwsCredentialsProvider> credentialsOfEnvironment(
      RemoteSettings settings) {
    Optional<String> key = settings.variable("AWS_ACCESS_KEY_ID");
    Optional<String> secret = settings.variable("AWS_SECRET_ACCESS_KEY");
    Optional<String> session = settings.variable("AWS_SESSION_TOKEN");
    if (key.isEmpty() || secret.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        StaticCredentialsProvider.create(
            session.isPresent()
                ? AwsSessionCredentials.create(key.get(), secret.get(), session.get())
                : AwsBasicCredentials.create(key.get(), secret.get())));
  }

  /**
   * Returns the files of {@code credentialpath} and {@code configpath}, of the variables, or of
   * {@code ~/.aws}; if there are any.
   */
  private static Optional<ProfileFile> profiles(RemoteSettings settings) {
    Optional<Path> config =
        settings
            .option("configpath")
            .or(() -> settings.variable("AWS_CONFIG_FILE"))
            .map(Path::of)
            .or(() -> Optional.of(settings.home().resolve(".aws/config")).filter(Files::exists));
    Optional<Path> credentials =
        settings
            .option("credentialpath")
            .or(() -> settings.variable("AWS_SHARED_CREDENTIALS_FILE"))
            .map(Path::of)
            .or(
                () ->
                    Optional.of(settings.home().resolve(".aws/credentials")).filter(Files::exists));
    if (config.isEmpty() && credentials.isEmpty()) {
      return Optional.empty();
    }
    ProfileFile.Aggregator files = ProfileFile.aggregator();
    config.ifPresent(f -> files.addFile(profile(f, ProfileFile.Type.CONFIGURATION)));
    credentials.ifPresent(f -> files.addFile(profile(f, ProfileFile.Type.CREDENTIALS)));
    return Optional.of(files.build());
  }

  private static ProfileFile profile(Path file, ProfileFile.Type type) {
    return ProfileFile.builder().content(file).type(type).build();
  }

  private static TrustManagerFactory managers(KeyStore authorities)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(authorities);
    return factory;
  }
}
