package io.revfs.project;

import io.revfs.dvc.DvcConfig;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What options of DVC's configuration may say that is not any text. */
final class ConfigWords {
  private static final String CONFIG_DIR = "config_dir";
  private static final String CONFIG_MODULE = "config_module";

  /** The words of an option of the section {@code parsing}, in whatever case. */
  private static final Map<String, List<String>> PARSING =
      Map.of("bool", List.of("store_true", "boolean_optional"), "list", List.of("nargs", "append"));

  private ConfigWords() {}

  /**
   * Refuses a configuration that DVC refuses.
   *
   * @throws ProjectConfigurationException if it does
   */
  static void check(DvcConfig config) throws ProjectConfigurationException {
    for (Map.Entry<String, List<String>> option : PARSING.entrySet()) {
      Optional<String> value = config.get("parsing", option.getKey());
      if (value.isPresent() && !option.getValue().contains(lower(value.get()))) {
        throw new ProjectConfigurationException(
            "expected one of %s, not '%s', for dictionary value @ data['parsing']['%s']"
                .formatted(String.join(", ", option.getValue()), value.get(), option.getKey()));
      }
    }
    if (config.get("hydra", CONFIG_DIR).isPresent()
        && config.get("hydra", CONFIG_MODULE).isPresent()) {
      throw new ProjectConfigurationException(
          "two or more values in the same group of exclusion 'config_source' @ data['hydra']:"
              + " take hydra.%s or hydra.%s out".formatted(CONFIG_DIR, CONFIG_MODULE));
    }
  }

  private static String lower(String value) {
    return value.toLowerCase(Locale.ROOT);
  }
}
