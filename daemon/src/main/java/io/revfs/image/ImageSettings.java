package io.revfs.image;

import java.util.List;

/**
 * What holds for a whole image.
 *
 * @param timeSeconds the time of everything in it, in seconds since 1970
 * @param user who owns everything in it
 * @param group the group of everything in it
 * @param frequentAttributes full names of attributes that many entries have with values of their
 *     own; these names are written once. If there are none the image needs Linux 5.15 and
 *     erofs-utils 1.4 only, otherwise 6.4 and 1.7.
 */
public record ImageSettings(
    long timeSeconds, int user, int group, List<String> frequentAttributes) {
  /** An attribute of every file whose bytes are elsewhere: where they are. */
  public static final String REDIRECT = "trusted.overlay.redirect";

  public ImageSettings {
    frequentAttributes = List.copyOf(frequentAttributes);
    if (frequentAttributes.size() > 127) {
      throw new IllegalArgumentException("more than 127 frequent attributes");
    }
  }
}
