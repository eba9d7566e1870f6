/**
 * Texts that DVC and people write into the same files: JSON as Python writes it, YAML and INI that
 * keep comments and order when they are changed, paths with slashes. Knows nothing of what they
 * say.
 */
@NullMarked
package io.revfs.text;

import org.jspecify.annotations.NullMarked;
