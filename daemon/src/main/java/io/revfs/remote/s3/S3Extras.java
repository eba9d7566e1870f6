package io.revfs.remote.s3;

import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteSettings;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

/** DVC's options that travel with requests: encryption at the server, and who may do what. */
record S3Extras(
    Optional<String> encryption,
    Optional<String> kmsKey,
    Optional<CustomerKey> customerKey,
    Optional<String> acl,
    Optional<String> grantRead,
    Optional<String> grantReadAcp,
    Optional<String> grantWriteAcp,
    Optional<String> grantFullControl) {

  /** A key of the customer's own: the server forgets it, so it travels with each request. */
  record CustomerKey(String algorithm, String base64, String md5) {
    @Override
    public String toString() {
      return algorithm; // never the key
    }
  }

  static S3Extras of(RemoteSettings settings) throws RemoteConfigurationException {
    Optional<CustomerKey> customer = Optional.empty();
    Optional<String> key = settings.option("sse_customer_key");
    if (key.isPresent()) {
      customer =
          Optional.of(
              customerKey(
                  settings.name(),
                  settings.option("sse_customer_algorithm").orElse("AES256"),
                  key.get()));
    }
    return new S3Extras(
        settings.option("sse"),
        settings.option("sse_kms_key_id"),
        customer,
        settings.option("acl"),
        settings.option("grant_read"),
        settings.option("grant_read_acp"),
        settings.option("grant_write_acp"),
        settings.option("grant_full_control"));
  }

  private static CustomerKey customerKey(String remote, String algorithm, String base64)
      throws RemoteConfigurationException {
    try {
      byte[] raw = Base64.getDecoder().decode(base64);
      byte[] md5 = MessageDigest.getInstance("MD5").digest(raw);
      return new CustomerKey(algorithm, base64, Base64.getEncoder().encodeToString(md5));
    } catch (IllegalArgumentException e) {
      throw new RemoteConfigurationException(remote, "'sse_customer_key' must be base64", e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  void onPut(PutObjectRequest.Builder b) {
    encryption.ifPresent(b::serverSideEncryption);
    kmsKey.ifPresent(b::ssekmsKeyId);
    acl.ifPresent(b::acl);
    grantRead.ifPresent(b::grantRead);
    grantReadAcp.ifPresent(b::grantReadACP);
    grantWriteAcp.ifPresent(b::grantWriteACP);
    grantFullControl.ifPresent(b::grantFullControl);
    customerKey.ifPresent(
        k ->
            b.sseCustomerAlgorithm(k.algorithm())
                .sseCustomerKey(k.base64())
                .sseCustomerKeyMD5(k.md5()));
  }

  void onCreate(CreateMultipartUploadRequest.Builder b) {
    encryption.ifPresent(b::serverSideEncryption);
    kmsKey.ifPresent(b::ssekmsKeyId);
    acl.ifPresent(b::acl);
    grantRead.ifPresent(b::grantRead);
    grantReadAcp.ifPresent(b::grantReadACP);
    grantWriteAcp.ifPresent(b::grantWriteACP);
    grantFullControl.ifPresent(b::grantFullControl);
    customerKey.ifPresent(
        k ->
            b.sseCustomerAlgorithm(k.algorithm())
                .sseCustomerKey(k.base64())
                .sseCustomerKeyMD5(k.md5()));
  }

  void onPart(UploadPartRequest.Builder b) {
    customerKey.ifPresent(
        k ->
            b.sseCustomerAlgorithm(k.algorithm())
                .sseCustomerKey(k.base64())
                .sseCustomerKeyMD5(k.md5()));
  }

  void onGet(GetObjectRequest.Builder b) {
    customerKey.ifPresent(
        k ->
            b.sseCustomerAlgorithm(k.algorithm())
                .sseCustomerKey(k.base64())
                .sseCustomerKeyMD5(k.md5()));
  }

  void onHead(HeadObjectRequest.Builder b) {
    customerKey.ifPresent(
        k ->
            b.sseCustomerAlgorithm(k.algorithm())
                .sseCustomerKey(k.base64())
                .sseCustomerKeyMD5(k.md5()));
  }
}
