package io.revfs.remote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Alibaba's object storage by its interface for S3, against S3Proxy, which checks signatures: there
 * is no server of Alibaba's to run.
 */
class OssRemoteTest extends S3ProxyContract {
  private static Map<String, String> options(String secret) {
    return Map.of(
        "oss_endpoint", server.endpoint(), "oss_key_id", "testkey", "oss_key_secret", secret);
  }

  @Override
  RemoteSettings settings() {
    return settings("oss://" + bucket + "/some/prefix", options("testsecret"));
  }

  @Override
  RemoteSettings wrongCredentials() {
    return settings("oss://" + bucket + "/some/prefix", options("wr0ngsecret"));
  }

  @Test
  void credentialsOfTheEnvironment() throws Exception {
    put("x", random(9));
    RemoteSettings settings =
        new RemoteSettings(
            "store",
            "oss://" + bucket + "/some/prefix",
            Map.of(),
            LIMITS,
            Map.of(
                "OSS_ENDPOINT", server.endpoint(),
                "OSS_ACCESS_KEY_ID", "testkey",
                "OSS_ACCESS_KEY_SECRET", "testsecret"));
    assertArrayEquals(random(9), read(open(settings).remote(), "x", 0, 9));
  }

  @Test
  void noEndpoint_orHalfOfAKey_isSaid() {
    RemoteConfigurationException none =
        assertThrows(
            RemoteConfigurationException.class,
            () -> open(settings("oss://" + bucket, Map.of("oss_key_id", "a"))));
    assertTrue(none.getMessage().contains("oss_endpoint"), none.getMessage());
    RemoteConfigurationException half =
        assertThrows(
            RemoteConfigurationException.class,
            () ->
                open(
                    settings(
                        "oss://" + bucket,
                        Map.of("oss_endpoint", server.endpoint(), "oss_key_id", "a"))));
    assertTrue(half.getMessage().contains("oss_key_secret"), half.getMessage());
  }
}
