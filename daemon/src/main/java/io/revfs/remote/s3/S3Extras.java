package io.revfs.remote.s3;

import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteSettings;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.services.s3.model.S3Request;

/**
 * DVC's options that travel with requests as headers: encryption at the server, and who may do
 * what.
 */
final class S3Extras {
  private static final Map<String, String> OF_STORED =
      Map.of(
          "sse", "x-amz-server-side-encryption",
          "sse_kms_key_id", "x-amz-server-side-encryption-aws-kms-key-id",
          "acl", "x-amz-acl",
          "grant_read", "x-amz-grant-read",
          "grant_read_acp", "x-amz-grant-read-acp",
          "grant_write_acp", "x-amz-grant-write-acp",
          "grant_full_control", "x-amz-grant-full-control");
  private static final String CUSTOMER = "x-amz-server-side-encryption-customer-";

  private final Map<String, String> stored = new TreeMap<>();
  private final Map<String, String> always = new TreeMap<>();

  S3Extras(RemoteSettings settings) throws RemoteConfigurationException {
    OF_STORED.forEach(
        (option, header) -> settings.option(option).ifPresent(value -> stored.put(header, value)));
    String key = settings.option("sse_customer_key").orElse("");
    if (!key.isEmpty()) {
      // A key of the customer's own: the server forgets it, so it travels with each request.
      always.put(
          CUSTOMER + "algorithm", settings.option("sse_customer_algorithm").orElse("AES256"));
      always.put(CUSTOMER + "key", key);
      always.put(CUSTOMER + "key-MD5", md5(settings.name(), key));
    }
  }

  private static String md5(String remote, String base64) throws RemoteConfigurationException {
    try {
      byte[] raw = Base64.getDecoder().decode(base64);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("MD5").digest(raw));
    } catch (IllegalArgumentException e) {
      throw new RemoteConfigurationException(remote, "'sse_customer_key' must be base64", e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  /** Completes a request that begins an object. */
  void onBegin(S3Request.Builder request) {
    add(request, stored);
    onUse(request);
  }

  /** Completes a request for an object that is there, or for a part of one. */
  void onUse(S3Request.Builder request) {
    add(request, always);
  }

  private static void add(S3Request.Builder request, Map<String, String> headers) {
    if (!headers.isEmpty()) {
      request.overrideConfiguration(headers(request, headers));
    }
  }

  private static AwsRequestOverrideConfiguration headers(
      S3Request.Builder request, Map<String, String> headers) {
    AwsRequestOverrideConfiguration.Builder configuration =
        request.overrideConfiguration() == null
            ? AwsRequestOverrideConfiguration.builder()
            : request.overrideConfiguration().toBuilder();
    headers.forEach(configuration::putHeader);
    return configuration.build();
  }
}
