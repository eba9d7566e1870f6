package io.revfs.remote.s3;

import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteSettings;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * DVC's options for {@code oss://} in the words of {@code s3://}. Alibaba's endpoints ({@code
 * oss-cn-hangzhou.aliyuncs.com}) answer S3's requests; those whose names begin with {@code s3.} do
 * nothing else.
 */
final class AlibabaOptions {
  private AlibabaOptions() {}

  static RemoteSettings translate(RemoteSettings settings) throws RemoteConfigurationException {
    Map<String, String> options = new HashMap<>(settings.options());
    options.keySet().removeIf(option -> option.startsWith("oss_"));
    options.put(
        "endpointurl",
        option(settings, "oss_endpoint", "OSS_ENDPOINT")
            .orElseThrow(
                () ->
                    new RemoteConfigurationException(
                        settings.name(),
                        "no endpoint; set oss_endpoint, as in"
                            + " https://oss-cn-hangzhou.aliyuncs.com")));
    options.put("region", "aws-global"); // what is signed names a region, which Alibaba passes over
    Optional<String> key = option(settings, "oss_key_id", "OSS_ACCESS_KEY_ID");
    Optional<String> secret = option(settings, "oss_key_secret", "OSS_ACCESS_KEY_SECRET");
    if (key.isPresent() != secret.isPresent()) {
      throw new RemoteConfigurationException(
          settings.name(), "oss_key_id and oss_key_secret belong together");
    }
    if (key.isPresent()) {
      options.put("access_key_id", key.get());
      options.put("secret_access_key", secret.get());
    } else {
      options.put("allow_anonymous_login", "true"); // as DVC does
    }
    return settings.with(options);
  }

  private static Optional<String> option(RemoteSettings settings, String name, String variable) {
    return settings.option(name).or(() -> settings.variable(variable));
  }
}
